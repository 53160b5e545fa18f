;; expect: runs
;; takes a page in each tick until it has its maximum
(module
	(memory (export "memory") 1 16)
	(func (export "hs_describe") (result i32) (i32.const 0))
	(func $tick (export "hs_tick") (result i32)
		(drop (memory.grow (i32.const 1)))
		(i32.const 0)))
