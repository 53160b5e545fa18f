;; expect: trap
(module
	(memory (export "memory") 1 16)
	(func (export "hs_describe") (result i32) (i32.const 0))
	(func $tick (export "hs_tick") (result i32)
		(i32.store (i32.const 16) (i32.const 1))
		(drop (i32.div_u (i32.const 1) (i32.load (i32.const 0))))
		(i32.const 0)))
