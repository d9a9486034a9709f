//! `lies FOLDER`: metadata for the tests of the npm package, a file each, as
//! `Metadata_metadata_at_version` answers it: that of spec 475 as `honest.scale`, the same in format 14 as
//! `state_getMetadata` answers it as `honest-v14.scale`, and every lie about it under its name.

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
