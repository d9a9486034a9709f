//! How much of the screen each table gets.

/// The lines of a table above its rows: its title, and the names of its columns.
pub(super) const TITLES: usize = 2;

/// The least lines of the log, with its title, where goals or devices do not all have room.
const LOG: usize = 4;

/// How many lines each table shows, of which there is not every one: all, or else the same for each, and more where
/// another one needs less.
pub(super) fn shares(room: usize, all: [Option<usize>; 3]) -> [usize; 3] {
    let needs = all.map(Option::unwrap_or_default);
    let tables = all.iter().flatten().count();
    let titles = TITLES * tables;
    if titles + needs.iter().sum::<usize>() <= room {
        return needs;
    }
    let mut room = room.saturating_sub(titles + LOG);
    let mut tables: Vec<usize> = (0..all.len()).filter(|it| all[*it].is_some()).collect();
    tables.sort_by_key(|table| needs[*table]);
    let mut shares = [0; 3];
    for (done, table) in tables.iter().enumerate() {
        shares[*table] = needs[*table].min(room / (tables.len() - done));
        room -= shares[*table];
    }
    shares
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_one_table_does_not_need_others_get() {
        // Titles of two or three tables, and four lines of the log.
        let of_two =
            |room: usize, goals, devices| shares(room + 8, [Some(goals), Some(devices), None]);
        assert_eq!(of_two(12, 9, 16), [6, 6, 0]);
        assert_eq!(of_two(12, 51, 3), [9, 3, 0]);
        assert_eq!(of_two(12, 2, 100), [2, 10, 0]);
        let of_three = |room: usize, goals, devices, rigs| {
            shares(room + 10, [Some(goals), Some(devices), Some(rigs)])
        };
        assert_eq!(of_three(9, 1, 2, 1_000), [1, 2, 6]);
        assert_eq!(of_three(9, 50, 50, 50), [3, 3, 3]);
        assert_eq!(of_three(9, 50, 0, 1_000), [4, 0, 5]);
        // All have room where the log has less of it.
        assert_eq!(shares(12, [Some(3), Some(2), Some(1)]), [3, 2, 1]);
        for room in 0..60 {
            let lines: usize = shares(room, [Some(50), Some(9), Some(70)]).iter().sum();
            assert!(lines <= room, "{room}");
        }
    }
}
