;; The plugin's own module in a circle of three: it imports from `even` and `odd`, which import from one another and from it.
(module
  (import "even" "is_even" (func $is_even (param i32) (result i32)))
  (import "odd" "memory" (memory 1))
  (import "odd" "depth" (global $depth (mut i32)))
  (import "extism:host/env" "input_length" (func $input_length (result i64)))
  (import "extism:host/env" "input_load_u8" (func $input_load_u8 (param i64) (result i32)))
  (import "extism:host/env" "alloc" (func $alloc (param i64) (result i64)))
  (import "extism:host/env" "store_u8" (func $store_u8 (param i64 i32)))
  (import "extism:host/env" "output_set" (func $output_set (param i64 i64)))

  ;; What `odd` calls at the end of the way.
  (func (export "arrived") (param $at i32) (result i32) (i32.eqz (local.get $at)))

  ;; "even" or "odd " for the sum of the input's bytes, and how deep the circle went.
  (func (export "parity") (result i32)
    (local $left i64)
    (local $sum i32)
    (local $text i32)
    (local $handle i64)
    (global.set $depth (i32.const 0))
    (local.set $left (call $input_length))
    (loop $bytes
      (if (i64.ne (local.get $left) (i64.const 0))
        (then
          (local.set $left (i64.sub (local.get $left) (i64.const 1)))
          (local.set $sum
            (i32.and
              (i32.add (local.get $sum) (call $input_load_u8 (local.get $left)))
              (i32.const 1023)))
          (br $bytes))))
    (local.set $text (select (i32.const 0) (i32.const 4) (call $is_even (local.get $sum))))
    (local.set $handle (call $alloc (i64.const 6)))
    (loop $letters
      (call $store_u8
        (i64.add (local.get $handle) (local.get $left))
        (i32.load8_u (i32.add (local.get $text) (i32.wrap_i64 (local.get $left)))))
      (local.set $left (i64.add (local.get $left) (i64.const 1)))
      (br_if $letters (i64.ne (local.get $left) (i64.const 4))))
    (call $store_u8 (i64.add (local.get $handle) (i64.const 4)) (global.get $depth))
    (call $store_u8
      (i64.add (local.get $handle) (i64.const 5))
      (i32.shr_u (global.get $depth) (i32.const 8)))
    (call $output_set (local.get $handle) (i64.const 6))
    (i32.const 0)))
