;; expect: stack
;; values wait on the operand stack while it calls itself
(module
	(memory (export "memory") 1 16)
	(func (export "hs_describe") (result i32) (i32.const 0))
	(func $tick (export "hs_tick") (result i32)
		(drop (call $deep (i32.const 0)))
		(i32.const 0))
	(func $deep (param $n i32) (result i32)
		(i32.add (i32.mul (local.get $n) (i32.const 3))
			(i32.add (i32.load (local.get $n))
				(call $deep (i32.add (local.get $n) (i32.const 1)))))))
