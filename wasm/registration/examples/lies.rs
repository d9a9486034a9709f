//! `lies FOLDER` writes metadata for the tests of the npm package, one file each, as
//! `Metadata_metadata_at_version` answers it: the metadata of spec 475 as `honest.scale`, and every lie about it
//! under its name. `honest-v14.scale` is the same in format 14, as `state_getMetadata` answers it.

use std::{fs, path::PathBuf};

use btpow_forgery::{Forgery, lies};

fn main() -> std::io::Result<()> {
    let folder = std::env::args_os().nth(1).map(PathBuf::from);
    let folder = folder.expect("the folder is missing");
    fs::create_dir_all(&folder)?;
    let [v14, v15] = Forgery::of_475();
    fs::write(folder.join("honest-v14.scale"), v14.encode())?;
    fs::write(folder.join("honest.scale"), v15.encode_answer())?;
    for (name, tell) in lies::all() {
        let mut lie = v15.clone();
        tell(&mut lie);
        fs::write(folder.join(format!("{name}.scale")), lie.encode_answer())?;
    }
    Ok(())
}
