;; expect: fuel
;; never returns
(module
	(memory (export "memory") 1 16)
	(func (export "hs_describe") (result i32) (i32.const 0))
	(func $tick (export "hs_tick") (result i32)
		(loop $again (br $again))
		(i32.const 0)))
