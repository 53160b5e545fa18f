;; expect: fuel
;; few instructions, each of which moves 512 KiB
(module
	(memory (export "memory") 16 16)
	(func (export "hs_describe") (result i32) (i32.const 0))
	(func $tick (export "hs_tick") (result i32)
		(loop $again
			(memory.copy (i32.const 0) (i32.const 0x80000) (i32.const 0x7fff0))
			(br $again))
		(i32.const 0)))
