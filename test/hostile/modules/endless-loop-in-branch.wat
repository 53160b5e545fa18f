;; expect: fuel
;; the loop goes round by a branch table, in an arm of an if
(module
	(memory (export "memory") 1 16)
	(func (export "hs_describe") (result i32) (i32.const 0))
	(func $tick (export "hs_tick") (result i32)
		(loop $again
			(if (i32.load (i32.const 0))
				(then (nop))
				(else (block $out (br_table $again $again $out (i32.const 1))))))
		(i32.const 0)))
