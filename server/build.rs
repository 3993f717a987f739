//! Makes a changed client a reason to build the server again: the client is compiled into it.

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=../dist");
}
