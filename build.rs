//! Compiles the `.proto` files without protoc: `proto/` into Rust and into the
//! descriptors that reflection and Connect's JSON read, and the protos of the
//! tests, where there are any, beside them.

use std::{
    env, fs, io,
    path::{Path, PathBuf},
};

use prost::Message;

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

fn main() -> Result<()> {
    let out = PathBuf::from(env::var("OUT_DIR")?);
    compile(Path::new("proto"), &out.join("descriptor.bin"), "crate::proto::codec::Bounded")?;
    let tests = Path::new("tests/proto");
    if tests.is_dir() {
        compile(tests, &out.join("test_descriptor.bin"), "tonic_prost::ProstCodec")?;
    }
    Ok(())
}

/// Compiles every `.proto` under `root` into one Rust file per package in
/// `OUT_DIR`, and writes their descriptors, imports and comments included, to
/// `descriptor`. Messages are read and written by `codec`.
fn compile(root: &Path, descriptor: &Path, codec: &str) -> Result<()> {
    println!("cargo:rerun-if-changed={}", root.display());
    let mut compiler = protox::Compiler::new([root])?;
    compiler.include_imports(true).include_source_info(true);
    compiler.open_files(proto_files(root)?)?;
    // protox's own encoder keeps custom options; prost's types would drop them.
    let set = compiler.encode_file_descriptor_set();
    fs::write(descriptor, &set)?;
    let set = prost_types::FileDescriptorSet::decode(set.as_slice())?;
    // with its name a message finds its descriptor, and so its JSON
    let mut named = prost_build::Config::new();
    named.enable_type_names();
    tonic_build::configure().codec_path(codec).compile_fds_with_config(set, named)?;
    Ok(())
}

/// The `.proto` files under `root`, in an order that does not depend on the file
/// system: the build is reproducible.
fn proto_files(root: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    collect(root, &mut files)?;
    files.sort();
    Ok(files)
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else if path.extension().is_some_and(|extension| extension == "proto") {
            files.push(path);
        }
    }
    Ok(())
}
