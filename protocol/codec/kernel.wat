;; The encoder's inner loops, four rows at a time. Every address is a multiple of 16, every array as
;; long as a multiple of 4 rows. make-kernel.mjs turns this into kernel-bytes.ts.
(module
  (import "env" "memory" (memory 1))

  ;; 0: code of the smallest width for a number of 0 to 32 bits; 48: widths by code
  (data (i32.const 0) "\00\01\02\03\04\05\06\07\08\09\09\0a\0a\0b\0b\0c\0c\0c\0d\0d\0d\0e\0e\0e\0e\0f\0f\0f\0f\0f\0f\0f\0f")
  (data (i32.const 48) "\00\01\02\03\04\05\06\07\08\0a\0c\0e\11\14\18\20")
  ;; 64: bits that are held until they make a byte, and how many

  ;; a guessed column: value, step and bend become those of now
  (func (export "advance")
    (param $now i32) (param $value i32) (param $step i32) (param $bend i32) (param $residual i32)
    (param $dirty i32) (param $moved i32) (param $rows i32) (param $shift i32) (param $order i32)
    (local $end i32) (local $next v128) (local $move v128) (local $bent v128) (local $before v128)
    (local $rest v128) (local $still v128) (local $twice v128)
    (local.set $still (i32x4.splat (i32.sub (i32.const 0) (i32.eq (local.get $order) (i32.const 0)))))
    (local.set $twice (i32x4.splat (i32.sub (i32.const 0) (i32.eq (local.get $order) (i32.const 2)))))
    (local.set $end (i32.add (local.get $now) (i32.shl (local.get $rows) (i32.const 2))))
    (block $done
      (loop $again
        (br_if $done (i32.ge_u (local.get $now) (local.get $end)))
        (local.set $next (v128.load (local.get $now)))
        (local.set $before (v128.load (local.get $bend)))
        (local.set $move
          (i32x4.shr_s
            (i32x4.shl (i32x4.sub (local.get $next) (v128.load (local.get $value))) (local.get $shift))
            (local.get $shift)))
        (local.set $bent
          (i32x4.shr_s
            (i32x4.shl (i32x4.sub (local.get $move) (v128.load (local.get $step))) (local.get $shift))
            (local.get $shift)))
        ;; order 1: the bend; 2: less the bend before; 0: the move
        (local.set $rest
          (v128.bitselect
            (local.get $move)
            (i32x4.shr_s
              (i32x4.shl
                (i32x4.sub (local.get $bent) (v128.and (local.get $before) (local.get $twice)))
                (local.get $shift))
              (local.get $shift))
            (local.get $still)))
        (v128.store (local.get $value) (local.get $next))
        (v128.store (local.get $step) (local.get $move))
        (v128.store (local.get $bend) (local.get $bent))
        (v128.store (local.get $residual) (local.get $rest))
        (v128.store (local.get $dirty) (v128.or (v128.load (local.get $dirty)) (local.get $rest)))
        (v128.store (local.get $moved)
          (v128.or
            (v128.or (v128.load (local.get $moved)) (local.get $move))
            (v128.or (local.get $bent) (local.get $before))))
        (local.set $now (i32.add (local.get $now) (i32.const 16)))
        (local.set $value (i32.add (local.get $value) (i32.const 16)))
        (local.set $step (i32.add (local.get $step) (i32.const 16)))
        (local.set $bend (i32.add (local.get $bend) (i32.const 16)))
        (local.set $residual (i32.add (local.get $residual) (i32.const 16)))
        (local.set $dirty (i32.add (local.get $dirty) (i32.const 16)))
        (local.set $moved (i32.add (local.get $moved) (i32.const 16)))
        (br $again))))

  ;; a column that is not guessed
  (func (export "replace")
    (param $now i32) (param $value i32) (param $residual i32) (param $dirty i32) (param $moved i32)
    (param $rows i32) (param $shift i32)
    (local $end i32) (local $next v128) (local $move v128)
    (local.set $end (i32.add (local.get $now) (i32.shl (local.get $rows) (i32.const 2))))
    (block $done
      (loop $again
        (br_if $done (i32.ge_u (local.get $now) (local.get $end)))
        (local.set $next (v128.load (local.get $now)))
        (local.set $move
          (i32x4.shr_s
            (i32x4.shl (i32x4.sub (local.get $next) (v128.load (local.get $value))) (local.get $shift))
            (local.get $shift)))
        (v128.store (local.get $value) (local.get $next))
        (v128.store (local.get $residual) (local.get $move))
        (v128.store (local.get $dirty) (v128.or (v128.load (local.get $dirty)) (local.get $move)))
        (v128.store (local.get $moved) (v128.or (v128.load (local.get $moved)) (local.get $move)))
        (local.set $now (i32.add (local.get $now) (i32.const 16)))
        (local.set $value (i32.add (local.get $value) (i32.const 16)))
        (local.set $residual (i32.add (local.get $residual) (i32.const 16)))
        (local.set $dirty (i32.add (local.get $dirty) (i32.const 16)))
        (local.set $moved (i32.add (local.get $moved) (i32.const 16)))
        (br $again))))

  ;; notes the tick for rows that moved; returns how many of all rows are dirty
  (func (export "settle")
    (param $dirty i32) (param $moved i32) (param $stamp i32) (param $rows i32) (param $tick i32)
    (result i32)
    (local $end i32) (local $still v128) (local $clean v128) (local $count v128)
    (local.set $end (i32.add (local.get $dirty) (i32.shl (local.get $rows) (i32.const 2))))
    (block $done
      (loop $again
        (br_if $done (i32.ge_u (local.get $dirty) (local.get $end)))
        (local.set $still (i32x4.eq (v128.load (local.get $moved)) (v128.const i32x4 0 0 0 0)))
        (v128.store (local.get $stamp)
          (v128.bitselect
            (v128.load (local.get $stamp)) (i32x4.splat (local.get $tick)) (local.get $still)))
        ;; a row that is clean counts -1, each one 1 below
        (local.set $clean (i32x4.eq (v128.load (local.get $dirty)) (v128.const i32x4 0 0 0 0)))
        (local.set $count
          (i32x4.add (local.get $count) (i32x4.add (local.get $clean) (v128.const i32x4 1 1 1 1))))
        (local.set $dirty (i32.add (local.get $dirty) (i32.const 16)))
        (local.set $moved (i32.add (local.get $moved) (i32.const 16)))
        (local.set $stamp (i32.add (local.get $stamp) (i32.const 16)))
        (br $again)))
    (i32.add
      (i32.add (i32x4.extract_lane 0 (local.get $count)) (i32x4.extract_lane 1 (local.get $count)))
      (i32.add (i32x4.extract_lane 2 (local.get $count)) (i32x4.extract_lane 3 (local.get $count)))))

  ;; whether so many bytes are the same in both places; what lies behind, up to 16 bytes, must be too
  (func (export "same") (param $a i32) (param $b i32) (param $bytes i32) (result i32)
    (local $end i32)
    (local.set $end (i32.add (local.get $a) (local.get $bytes)))
    (block $done
      (loop $again
        (br_if $done (i32.ge_u (local.get $a) (local.get $end)))
        (if (v128.any_true (v128.xor (v128.load (local.get $a)) (v128.load (local.get $b))))
          (then (return (i32.const 0))))
        (local.set $a (i32.add (local.get $a) (i32.const 16)))
        (local.set $b (i32.add (local.get $b) (i32.const 16)))
        (br $again)))
    (i32.const 1))

  ;; packs whole blocks of 8 values and returns the first byte behind; 7 more may be written over
  (func (export "pack") (param $from i32) (param $blocks i32) (param $out i32) (result i32)
    (local $held i64) (local $bits i64) (local $a v128) (local $b v128) (local $all v128)
    (local $w i64) (local $code i32) (local $any i64) (local $i i32)
    (local.set $held (i64.load32_u (i32.const 64)))
    (local.set $bits (i64.load32_u (i32.const 68)))
    (block $done
      (loop $again
        (br_if $done (i32.eqz (local.get $blocks)))
        (local.set $blocks (i32.sub (local.get $blocks) (i32.const 1)))
        (local.set $a (v128.load (local.get $from)))
        (local.set $a
          (v128.xor
            (i32x4.shl (local.get $a) (i32.const 1)) (i32x4.shr_s (local.get $a) (i32.const 31))))
        (local.set $b (v128.load offset=16 (local.get $from)))
        (local.set $b
          (v128.xor
            (i32x4.shl (local.get $b) (i32.const 1)) (i32x4.shr_s (local.get $b) (i32.const 31))))
        (local.set $all (v128.or (local.get $a) (local.get $b)))
        (local.set $any
          (i64.or (i64x2.extract_lane 0 (local.get $all)) (i64x2.extract_lane 1 (local.get $all))))
        (local.set $code
          (i32.load8_u
            (i32.sub (i32.const 32)
              (i32.clz
                (i32.or
                  (i32.wrap_i64 (local.get $any))
                  (i32.wrap_i64 (i64.shr_u (local.get $any) (i64.const 32))))))))
        (local.set $w (i64.load8_u offset=48 (local.get $code)))
        ;; fewer than 8 bits are held, so 56 more fit
        (local.set $held
          (i64.or (local.get $held) (i64.shl (i64.extend_i32_u (local.get $code)) (local.get $bits))))
        (local.set $bits (i64.add (local.get $bits) (i64.const 4)))
        (i64.store align=1 (local.get $out) (local.get $held))
        (local.set $out (i32.add (local.get $out) (i32.wrap_i64 (i64.shr_u (local.get $bits) (i64.const 3)))))
        (local.set $held (i64.shr_u (local.get $held) (i64.and (local.get $bits) (i64.const 56))))
        (local.set $bits (i64.and (local.get $bits) (i64.const 7)))
        (if (i64.le_u (local.get $w) (i64.const 14))
          (then
            ;; 4 numbers side by side: two and two, then both pairs
            (local.set $a
              (v128.or
                (v128.and (local.get $a) (v128.const i32x4 -1 0 -1 0))
                (i64x2.shl
                  (i64x2.shr_u (local.get $a) (i32.const 32)) (i32.wrap_i64 (local.get $w)))))
            (local.set $held
              (i64.or (local.get $held)
                (i64.shl
                  (i64.or
                    (i64x2.extract_lane 0 (local.get $a))
                    (i64.shl
                      (i64x2.extract_lane 1 (local.get $a))
                      (i64.shl (local.get $w) (i64.const 1))))
                  (local.get $bits))))
            (local.set $bits (i64.add (local.get $bits) (i64.shl (local.get $w) (i64.const 2))))
            (i64.store align=1 (local.get $out) (local.get $held))
            (local.set $out (i32.add (local.get $out) (i32.wrap_i64 (i64.shr_u (local.get $bits) (i64.const 3)))))
            (local.set $held (i64.shr_u (local.get $held) (i64.and (local.get $bits) (i64.const 56))))
            (local.set $bits (i64.and (local.get $bits) (i64.const 7)))
            ;; 4 numbers side by side: two and two, then both pairs
            (local.set $b
              (v128.or
                (v128.and (local.get $b) (v128.const i32x4 -1 0 -1 0))
                (i64x2.shl
                  (i64x2.shr_u (local.get $b) (i32.const 32)) (i32.wrap_i64 (local.get $w)))))
            (local.set $held
              (i64.or (local.get $held)
                (i64.shl
                  (i64.or
                    (i64x2.extract_lane 0 (local.get $b))
                    (i64.shl
                      (i64x2.extract_lane 1 (local.get $b))
                      (i64.shl (local.get $w) (i64.const 1))))
                  (local.get $bits))))
            (local.set $bits (i64.add (local.get $bits) (i64.shl (local.get $w) (i64.const 2))))
            (i64.store align=1 (local.get $out) (local.get $held))
            (local.set $out (i32.add (local.get $out) (i32.wrap_i64 (i64.shr_u (local.get $bits) (i64.const 3)))))
            (local.set $held (i64.shr_u (local.get $held) (i64.and (local.get $bits) (i64.const 56))))
            (local.set $bits (i64.and (local.get $bits) (i64.const 7))))
          (else
            ;; one by one, read again from where they came
            (local.set $i (i32.const 0))
            (loop $each
              (local.set $any (i64.load32_s (i32.add (local.get $from) (local.get $i))))
              (local.set $any
                (i64.and (i64.const 0xffffffff)
                  (i64.xor
                    (i64.shl (local.get $any) (i64.const 1))
                    (i64.shr_s (local.get $any) (i64.const 31)))))
              (local.set $held (i64.or (local.get $held) (i64.shl (local.get $any) (local.get $bits))))
              (local.set $bits (i64.add (local.get $bits) (local.get $w)))
              (i64.store align=1 (local.get $out) (local.get $held))
              (local.set $out (i32.add (local.get $out) (i32.wrap_i64 (i64.shr_u (local.get $bits) (i64.const 3)))))
              (local.set $held (i64.shr_u (local.get $held) (i64.and (local.get $bits) (i64.const 56))))
              (local.set $bits (i64.and (local.get $bits) (i64.const 7)))
              (br_if $each
                (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 4))) (i32.const 32))))))
        (local.set $from (i32.add (local.get $from) (i32.const 32)))
        (br $again)))
    (i32.store (i32.const 64) (i32.wrap_i64 (local.get $held)))
    (i32.store (i32.const 68) (i32.wrap_i64 (local.get $bits)))
    (local.get $out)))
