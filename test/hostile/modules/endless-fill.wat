;; expect: fuel
;; few instructions, each of which writes 1 MiB
(module
	(memory (export "memory") 16 16)
	(func (export "hs_describe") (result i32) (i32.const 0))
	(func $tick (export "hs_tick") (result i32)
		(loop $again
			(memory.fill (i32.const 0) (i32.const 7) (i32.const 0xffff0))
			(br $again))
		(i32.const 0)))
