;; expect: ERR_MODULE_FEATURE
;; its results may differ between machines
(module
	(memory (export "memory") 1 16)
	(func (export "hs_describe") (result i32) (i32.const 0))
	(func (export "hs_tick") (result i32) (i32.const 0))
	(func (result v128)
		(f32x4.relaxed_min (v128.const i64x2 0 0) (v128.const i64x2 0 0))))
