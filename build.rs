//! Compiles the schemas in `proto/` and, for the tests, `tests/proto/`: descriptors for reflection and JSON, and
//! tonic's code. protox is a compiler in Rust, so no `protoc` is needed.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::{env, fs};

use prost::Message;
use prost_types::FileDescriptorSet;

fn main() -> Result<(), Box<dyn Error>> {
    compile(Path::new("proto"), "descriptor.bin")?;
    compile(Path::new("tests/proto"), "test_descriptor.bin")
}

/// Compiles every schema under `root`, and writes its descriptors to `$OUT_DIR/{descriptors}`.
fn compile(root: &Path, descriptors: &str) -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed={}", root.display());
    let files = schemas(root)?;
    let mut compiler = protox::Compiler::new([root])?;
    compiler.include_imports(true).include_source_info(true).open_files(files)?;
    // protox's own encoder keeps custom options, which prost's types would drop
    let set = compiler.encode_file_descriptor_set();
    fs::write(PathBuf::from(env::var("OUT_DIR")?).join(descriptors), &set)?;
    tonic_build::configure().compile_fds(FileDescriptorSet::decode(set.as_slice())?)?;
    Ok(())
}

fn schemas(folder: &Path) -> Result<Vec<PathBuf>, Box<dyn Error>> {
    let mut files = Vec::new();
    if !folder.exists() {
        return Ok(files);
    }
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            files.extend(schemas(&path)?);
        } else if path.extension().is_some_and(|extension| extension == "proto") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}
