//! Looks things up while somebody speaks.
