#!/bin/sh
# Stands in for the Doppler CLI: a project is a folder here, and a secret a file in it.
[ "$1 $2" = "secrets get" ] && [ "$4 $5" = "--plain --project" ] || exit 64
echo "doppler: noise that is nobody's business" >&2
exec cat "$6/$3"
