;; The other half of the circle of `parity.wat`, with the memory and the global that the plugin uses.
(module
  (import "even" "is_even" (func $is_even (param i32) (result i32)))
  (import "main" "arrived" (func $arrived (param i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "evenodd ")
  (global $depth (export "depth") (mut i32) (i32.const 0))
  (func (export "is_odd") (param $at i32) (result i32)
    (global.set $depth (i32.add (global.get $depth) (i32.const 1)))
    (if (result i32)
      (call $arrived (local.get $at))
      (then (i32.const 0))
      (else (call $is_even (i32.sub (local.get $at) (i32.const 1)))))))
