//! Instructions of the interpreter that compute, move and branch, with known answers: the examples of the PTX ISA, and the edges that it names.

use crate::small::run;

/// The buffer's words after one thread ran these statements.
fn words<const N: usize>(statements: &str) -> [u32; N] {
    let words = run("", statements, 1, 1).unwrap_or_else(|fault| panic!("{fault}"));
    core::array::from_fn(|index| words[index])
}

/// Compares what instructions leave in `%r1`.
fn check_words(cases: &[(&str, u32)]) {
    for (instruction, expected) in cases {
        let [word] = words(&format!("{instruction}; st.global.u32 [%out], %r1;"));
        assert_eq!(word, *expected, "{instruction}: {word:#x}");
    }
}

/// Compares what instructions leave in `%d1`.
fn check_long_words(cases: &[(&str, u64)]) {
    for (instruction, expected) in cases {
        let [low, high] = words(&format!("{instruction}; st.global.u64 [%out], %d1;"));
        let word = u64::from(high) << 32 | u64::from(low);
        assert_eq!(word, *expected, "{instruction}: {word:#x}");
    }
}

/// Compares what instructions leave in `%p1`.
fn check_predicates(cases: &[(&str, bool)]) {
    for (instruction, expected) in cases {
        let select = "selp.b32 %r1, 1, 0, %p1; st.global.u32 [%out], %r1;";
        let [word] = words(&format!("{instruction}; {select}"));
        assert_eq!(word, u32::from(*expected), "{instruction}");
    }
}

#[test]
fn sums_and_differences_wrap() {
    check_words(&[
        ("add.u32 %r1, 0xffffffff, 2", 1),
        ("add.s32 %r1, 0x7fffffff, 1", 0x8000_0000),
        ("sub.s32 %r1, 3, 5", 0xffff_fffe),
        ("neg.s32 %r1, 0x80000000", 0x8000_0000),
        ("neg.s32 %r1, 7", 0xffff_fff9),
        ("abs.s32 %r1, -7", 7),
        ("abs.s32 %r1, 0x80000000", 0x8000_0000),
        ("min.u32 %r1, 1, 0xffffffff", 1),
        ("min.s32 %r1, 1, 0xffffffff", 0xffff_ffff),
        ("max.u32 %r1, 1, 0xffffffff", 0xffff_ffff),
        ("max.s32 %r1, 1, -1", 1),
    ]);
    check_long_words(&[
        ("add.s64 %d1, -1, 5", 4),
        ("sub.u64 %d1, 0, 1", u64::MAX),
        ("min.s64 %d1, 0, -9", (-9_i64).cast_unsigned()),
        ("max.u64 %d1, 0, -9", (-9_i64).cast_unsigned()),
    ]);
}

#[test]
fn products_have_a_low_and_a_high_half() {
    check_words(&[
        ("mul.lo.u32 %r1, 0x10001, 0x10001", 0x0002_0001),
        ("mul.lo.s32 %r1, -3, 5", 0xffff_fff1),
        ("mul.hi.u32 %r1, 0xffffffff, 0xffffffff", 0xffff_fffe),
        ("mul.hi.s32 %r1, 0xffffffff, 0xffffffff", 0),
        ("mul.hi.s32 %r1, 0x80000000, 2", 0xffff_ffff),
        ("mad.lo.u32 %r1, 0x80000000, 2, 9", 9),
        ("mad.lo.s32 %r1, -1, 1, 1", 0),
        ("mad.hi.u32 %r1, 0x80000000, 6, 0xffffffff", 2),
        ("mul.wide.u16 %r1, 0xffff, 0xffff", 0xfffe_0001),
        ("mul.wide.s16 %r1, -1, -1", 1),
    ]);
    check_long_words(&[
        (
            "mul.wide.u32 %d1, 0xffffffff, 0xffffffff",
            0xffff_fffe_0000_0001,
        ),
        ("mul.wide.s32 %d1, -1, 4", (-4_i64).cast_unsigned()),
        (
            "mad.wide.u32 %d1, 0xffffffff, 0x80000000, 0xffffffffffffffff",
            0x7fff_ffff_7fff_ffff,
        ),
        ("mad.wide.s32 %d1, -2, 3, 7", 1),
        ("mul.hi.u64 %d1, -1, -1", u64::MAX - 1),
        ("mul.hi.s64 %d1, -1, -1", 0),
        ("mul.hi.s64 %d1, 0x8000000000000000, 3", u64::MAX - 1),
        ("mul.lo.s64 %d1, 0x100000001, 0x100000001", 0x2_0000_0001),
    ]);
}

#[test]
fn logic_is_bit_by_bit() {
    // The words are a, b and c of the table, so the result is the table.
    let all = |table: u8| format!("lop3.b32 %r1, 0xf0, 0xcc, 0xaa, {table}");
    for table in 0..=u8::MAX {
        let above = if table & 1 == 1 { 0xffff_ff00 } else { 0 };
        check_words(&[(&all(table), u32::from(table) | above)]);
    }
    check_words(&[
        ("and.b32 %r1, 0xff00ff00, 0x0ff00ff0", 0x0f00_0f00),
        ("or.b32 %r1, 0xff00ff00, 0x0ff00ff0", 0xfff0_fff0),
        ("xor.b32 %r1, 0xff00ff00, -1", 0x00ff_00ff),
        ("not.b32 %r1, 0x12345678", 0xedcb_a987),
        ("brev.b32 %r1, 0x00000016", 0x6800_0000),
        ("popc.b32 %r1, 0xf0f00001", 9),
        ("popc.b64 %r1, -1", 64),
        ("clz.b32 %r1, 0x00010000", 15),
        ("clz.b32 %r1, 0", 32),
        ("clz.b64 %r1, 1", 63),
        ("bfind.u32 %r1, 0x80000000", 31),
        ("bfind.u32 %r1, 0", u32::MAX),
        ("bfind.s32 %r1, -5", 2),
        ("bfind.s32 %r1, -1", u32::MAX),
        ("bfind.u64 %r1, 0x100000000", 32),
    ]);
    check_long_words(&[
        ("not.b64 %d1, 1", u64::MAX - 1),
        ("brev.b64 %d1, 2", 1 << 62),
    ]);
    check_predicates(&[
        ("not.pred %p1, 0", true),
        ("not.pred %p1, 1", false),
        ("and.pred %p1, 1, 1", true),
        ("xor.pred %p1, 1, 1", false),
    ]);
}

#[test]
fn shifts_beyond_the_word_shift_all_out() {
    check_words(&[
        ("shl.b32 %r1, 0x80000001, 4", 0x10),
        ("shl.b32 %r1, 1, 32", 0),
        ("shl.b32 %r1, 1, 0xffffffff", 0),
        ("shr.u32 %r1, 0x80000000, 31", 1),
        ("shr.u32 %r1, 0x80000000, 32", 0),
        ("shr.s32 %r1, 0x80000000, 31", u32::MAX),
        ("shr.s32 %r1, 0x80000000, 200", u32::MAX),
        ("shr.s32 %r1, 0x40000000, 200", 0),
    ]);
    check_long_words(&[
        ("shl.b64 %d1, 1, 63", 1 << 63),
        ("shl.b64 %d1, 1, 64", 0),
        ("shr.s64 %d1, 0x8000000000000000, 64", u64::MAX),
        ("shr.u64 %d1, -1, 60", 15),
    ]);
}

#[test]
fn funnel_shifts_wrap_or_clamp() {
    let cases = [
        ("l.wrap", 8, 0xaabb_cc11),
        ("l.wrap", 0, 0xffaa_bbcc),
        ("l.wrap", 40, 0xaabb_cc11),
        ("l.wrap", 32, 0xffaa_bbcc),
        ("l.clamp", 8, 0xaabb_cc11),
        ("l.clamp", 32, 0x1122_3344),
        ("l.clamp", 99, 0x1122_3344),
        ("r.wrap", 8, 0xcc11_2233),
        ("r.wrap", 40, 0xcc11_2233),
        ("r.wrap", 32, 0x1122_3344),
        ("r.clamp", 8, 0xcc11_2233),
        ("r.clamp", 32, 0xffaa_bbcc),
        ("r.clamp", 0xffff_ffff_u32, 0xffaa_bbcc),
        ("r.clamp", 0, 0x1122_3344),
    ];
    for (mode, distance, expected) in cases {
        let words = "0x11223344, 0xffaabbcc";
        check_words(&[(
            &format!("shf.{mode}.b32 %r1, {words}, {distance}"),
            expected,
        )]);
    }
}

#[test]
fn bytes_are_permuted_by_a_word_or_a_register() {
    check_words(&[
        ("prmt.b32 %r1, 0x33221100, 0x77665544, 0x3210", 0x3322_1100),
        ("prmt.b32 %r1, 0x33221100, 0x77665544, 0x0123", 0x0011_2233),
        ("prmt.b32 %r1, 0x33221100, 0x77665544, 0x7531", 0x7755_3311),
        ("prmt.b32 %r1, 0x33221180, 0x77665544, 0x80f8", 0xff80_00ff),
        ("prmt.b32 %r1, 0x33221100, 0, 0xffff4567", 0),
        (
            "mov.u32 %r2, 0x0123; prmt.b32 %r1, 0x33221100, 0, %r2",
            0x0011_2233,
        ),
    ]);
}

#[test]
fn fields_are_cut_out_and_put_in() {
    check_words(&[
        ("bfe.u32 %r1, 0x12345678, 8, 12", 0x456),
        ("bfe.u32 %r1, 0x12345678, 28, 12", 1),
        ("bfe.u32 %r1, 0x12345678, 0, 0", 0),
        ("bfe.u32 %r1, 0x12345678, 40, 4", 0),
        ("bfe.s32 %r1, 0x00000f00, 8, 4", u32::MAX),
        ("bfe.s32 %r1, 0x00000700, 8, 4", 7),
        ("bfe.s32 %r1, 0x80000000, 28, 12", 0xffff_fff8),
        ("bfe.s32 %r1, 0x80000000, 40, 0", 0),
        ("bfe.s32 %r1, 0x80000000, 40, 4", u32::MAX),
        ("bfi.b32 %r1, 0xabc, 0x11111111, 8, 12", 0x111a_bc11),
        ("bfi.b32 %r1, 0xabc, 0x11111111, 28, 12", 0xc111_1111),
        ("bfi.b32 %r1, 0xabc, 0x11111111, 8, 0", 0x1111_1111),
        ("bfi.b32 %r1, 0xabc, 0x11111111, 40, 4", 0x1111_1111),
        ("bfi.b32 %r1, 0xabc, 0x11111111, 0, 255", 0xabc),
    ]);
    check_long_words(&[
        ("bfe.u64 %d1, 0x123456789abcdef0, 32, 64", 0x1234_5678),
        ("bfe.s64 %d1, 0xf00000000, 32, 4", u64::MAX),
        ("bfi.b64 %d1, -1, 0, 60, 9", 0xf << 60),
    ]);
}

#[test]
fn comparisons_follow_the_type() {
    check_predicates(&[
        ("setp.eq.u32 %p1, 5, 5", true),
        ("setp.ne.b32 %p1, 5, 5", false),
        ("setp.lt.u32 %p1, 1, 0xffffffff", true),
        ("setp.lt.s32 %p1, 1, 0xffffffff", false),
        ("setp.le.u32 %p1, 7, 7", true),
        ("setp.gt.s32 %p1, 0, 0x80000000", true),
        ("setp.gt.u32 %p1, 0, 0x80000000", false),
        ("setp.ge.s32 %p1, -1, 0", false),
        ("setp.lo.u32 %p1, 1, 2", true),
        ("setp.hs.u32 %p1, 2, 2", true),
        ("setp.lt.s16 %p1, -1, 0", true),
        ("setp.lt.u16 %p1, 0xffff, 0", false),
        ("setp.lt.s64 %p1, -1, 0", true),
        ("setp.gt.u64 %p1, -1, 0x7fffffffffffffff", true),
    ]);
    check_words(&[
        ("set.lt.u32.s32 %r1, -1, 0", u32::MAX),
        ("set.lt.u32.u32 %r1, -1, 0", 0),
    ]);
}

#[test]
fn conversions_extend_and_cut() {
    check_words(&[
        ("cvt.u32.u16 %r1, 0xffff", 0xffff),
        ("cvt.s32.s16 %r1, 0xffff", u32::MAX),
        ("cvt.u32.s8 %r1, 0x80", 0xffff_ff80),
        ("cvt.u32.u64 %r1, 0x1122334455667788", 0x5566_7788),
        ("mov.u32 %r2, 0x1ff; cvt.u8.u32 %r1, %r2", 0xff),
        ("mov.u32 %r2, 0x1ff; cvt.s8.s32 %r1, %r2", u32::MAX),
        ("cvt.u16.u32 %h1, 0x12345; cvt.u32.u16 %r1, %h1", 0x2345),
    ]);
    check_long_words(&[
        ("cvt.u64.u32 %d1, 0xffffffff", 0xffff_ffff),
        ("cvt.s64.s32 %d1, 0xffffffff", u64::MAX),
    ]);
}

#[test]
fn moves_join_and_divide() {
    check_words(&[
        ("mov.b64 {%r2, %r1}, 0x1122334455667788", 0x1122_3344),
        ("mov.b64 {%r1, %r2}, 0x1122334455667788", 0x5566_7788),
        (
            "mov.b32 {%h1, %h2}, 0x11223344; mov.b32 %r1, {%h2, %h1}",
            0x3344_1122,
        ),
        ("selp.b32 %r1, 3, 4, 1", 3),
        ("selp.b32 %r1, 3, 4, 0", 4),
        ("selp.u16 %h1, 1, 0, 1; cvt.u32.u16 %r1, %h1", 1),
        // A name in an inner scope hides nothing outside of it.
        (
            "mov.u32 %r1, 5; { .reg .b32 %r1; mov.u32 %r1, 6; } mov.u32 %r2, 1",
            5,
        ),
    ]);
    check_long_words(&[("mov.b64 %d1, {1, 2}", 0x2_0000_0001)]);
}

#[test]
fn guards_and_branches_choose() {
    check_words(&[
        (
            "mov.u32 %r1, 1; setp.eq.u32 %p1, 0, 1; @%p1 mov.u32 %r1, 2",
            1,
        ),
        (
            "mov.u32 %r1, 1; setp.eq.u32 %p1, 0, 1; @!%p1 mov.u32 %r1, 2",
            2,
        ),
        (
            // A value survives registers that come and go, and share slots.
            "mov.u32 %r2, 3; bra ON; ON: mov.u32 %r3, 4; mov.u32 %r4, %r3; mov.u32 %r5, %r4;
             add.u32 %r6, %r5, %r5; add.u32 %r7, %r6, %r2; mad.lo.u32 %r1, %r7, %r7, %r2",
            124,
        ),
        (
            // 1 + 2 + … + 10.
            "mov.u32 %r1, 0; mov.u32 %r2, 0;
             LOOP: add.u32 %r2, %r2, 1; add.u32 %r1, %r1, %r2;
             setp.lt.u32 %p1, %r2, 10; @%p1 bra LOOP",
            55,
        ),
        (
            "mov.u32 %r1, 1; bra.uni END; mov.u32 %r1, 2; END: add.u32 %r1, %r1, 0",
            1,
        ),
    ]);
}
