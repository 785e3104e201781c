;; One half of the circle of `parity.wat`.
(module
  (import "odd" "is_odd" (func $is_odd (param i32) (result i32)))
  (func (export "is_even") (param $at i32) (result i32)
    (if (result i32)
      (i32.eqz (local.get $at))
      (then (i32.const 1))
      (else (call $is_odd (i32.sub (local.get $at) (i32.const 1)))))))
