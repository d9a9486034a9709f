//! The interpreter's state spaces, atomics, places in a grid and barriers.

use crate::small::run;

#[test]
fn each_space_has_its_memory() {
    let declarations = ".const .align 4 .b8 TABLE[8] = {1, 0, 0, 0, 254, 255, 255, 255};
                        .global .align 4 .u32 counter = 40;
                        .shared .align 16 .b8 known[32];
                        .extern .shared .align 16 .b8 dynamic[];";
    let statements = "
        ld.const.u32 %r1, [TABLE+4];
        mov.u64 %d1, TABLE;
        ld.const.s8 %r2, [%d1+5];
        ld.param.u32 %r3, [number];
        ld.param.v2.u16 {%h1, %h2}, [pair+4];
        mov.b32 %r4, {%h1, %h2};
        st.shared.v4.u32 [known], {%r1, %r2, %r3, %r4};
        mov.u32 %r5, known;
        ld.shared.v2.u32 {%r6, %r7}, [%r5+8];
        mov.u64 %d2, dynamic;
        add.s64 %d2, %d2, 508;
        st.shared.u16 [%d2], %r6;
        ld.volatile.shared.u16 %r8, [%d2];
        atom.global.add.u32 %r9, [counter], 2;
        ld.global.u32 %r10, [counter];
        cvta.to.global.u64 %d3, %out;
        st.global.v4.u32 [%d3], {%r1, %r2, %r6, %r7};
        st.v2.u32 [%out+16], {%r8, %r9};
        st.global.cs.u32 [%d3+24], %r10;";
    let words = run(declarations, statements, 1, 1).unwrap_or_else(|fault| panic!("{fault}"));
    let expected = [
        0xffff_fffe,
        0xffff_ffff,
        0x1234_5678,
        0x0807_0605,
        0x5678,
        40,
        42,
        0,
    ];
    assert_eq!(words[..8], expected);
}

#[test]
fn atomics_return_what_was_there() {
    let operations = "
        mov.u32 %r1, 12;
        st.global.u32 [%out], %r1;
        atom.global.add.u32 %r2, [%out], 5;
        atom.global.exch.b32 %r3, [%out], -4;
        atom.global.cas.b32 %r4, [%out], 1, 2;
        atom.global.cas.b32 %r5, [%out], -4, 6;
        atom.global.max.s32 %r6, [%out], -1;
        red.global.min.s32 [%out], -1;
        atom.global.and.b32 %r7, [%out], 0xff0;
        red.global.or.b32 [%out], 1;
        atom.global.xor.b32 %r8, [%out], 3;
        st.global.v4.u32 [%out+16], {%r2, %r3, %r4, %r5};
        st.global.v4.u32 [%out+32], {%r6, %r7, %r8, %r8};";
    let words = run("", operations, 1, 1).unwrap_or_else(|fault| panic!("{fault}"));
    assert_eq!(words[0], 0xff2);
    let negative = |number: i32| number.cast_unsigned();
    let expected = [12, 17, negative(-4), negative(-4), 6, negative(-1), 0xff1];
    assert_eq!(words[4..11], expected);
}

#[test]
fn threads_know_their_places() {
    let statements = "
        mov.u32 %r1, %tid.x; mov.u32 %r2, %ntid.x; mov.u32 %r3, %ctaid.x; mov.u32 %r4, %nctaid.x;
        mad.lo.s32 %r5, %r3, %r2, %r1;
        mul.wide.u32 %d1, %r5, 4;
        add.s64 %d2, %out, %d1;
        mov.u32 %r6, %laneid; mov.u32 %r7, %ntid.y; mov.u32 %r8, %tid.z;
        mad.lo.u32 %r9, %r6, 100, %r4;
        mad.lo.u32 %r10, %r7, 10000, %r8;
        add.u32 %r11, %r9, %r10;
        st.global.u32 [%d2], %r11;";
    let words = run("", statements, 2, 32).unwrap_or_else(|fault| panic!("{fault}"));
    for (thread, word) in (0..64).zip(words) {
        assert_eq!(word, 10_000 + thread % 32 * 100 + 2);
    }
}

#[test]
fn barriers_let_threads_read_what_others_wrote() {
    for barrier in ["bar.sync 0", "barrier.sync 0", "bar.sync 0, 64"] {
        let statements = format!(
            "mov.u32 %r1, %tid.x;
             mul.wide.u32 %d1, %r1, 4;
             mov.u64 %d2, dynamic;
             setp.ge.u32 %p1, %r1, 32;
             @%p1 bra READ;
             add.s64 %d3, %d2, %d1;
             st.shared.u32 [%d3], %r1;
             READ:
             {barrier};
             xor.b32 %r2, %r1, 31;
             and.b32 %r2, %r2, 31;
             mul.wide.u32 %d4, %r2, 4;
             add.s64 %d5, %d2, %d4;
             ld.shared.u32 %r3, [%d5];
             membar.cta;
             add.s64 %d6, %out, %d1;
             st.global.u32 [%d6], %r3;"
        );
        let words = run(
            ".extern .shared .align 16 .b8 dynamic[];",
            &statements,
            1,
            64,
        );
        let words = words.unwrap_or_else(|fault| panic!("{fault}"));
        for (thread, word) in (0..64).zip(words) {
            assert_eq!(word, 31 - thread % 32);
        }
    }
}

#[test]
fn barriers_do_not_wait_for_threads_that_have_ended() {
    let statements = "
        mov.u32 %r1, %tid.x;
        setp.ge.u32 %p1, %r1, 5;
        @%p1 ret;
        bar.sync 0;
        bar.warp.sync 0xffffffff;
        mul.wide.u32 %d1, %r1, 4;
        add.s64 %d2, %out, %d1;
        st.global.u32 [%d2], 1;";
    let words = run("", statements, 1, 64).unwrap_or_else(|fault| panic!("{fault}"));
    assert_eq!(words[..8], [1, 1, 1, 1, 1, 0, 0, 0]);
}
