;; A plugin in the text format, by hand: the raw ABI without any PDK.
(module
  (import "extism:host/env" "input_length" (func $input_length (result i64)))
  (import "extism:host/env" "input_load_u8" (func $input_load_u8 (param i64) (result i32)))
  (import "extism:host/env" "input_offset" (func $input_offset (result i64)))
  (import "extism:host/env" "alloc" (func $alloc (param i64) (result i64)))
  (import "extism:host/env" "length" (func $length (param i64) (result i64)))
  (import "extism:host/env" "load_u64" (func $load_u64 (param i64) (result i64)))
  (import "extism:host/env" "store_u8" (func $store_u8 (param i64 i32)))
  (import "extism:host/env" "store_u64" (func $store_u64 (param i64 i64)))
  (import "extism:host/env" "output_set" (func $output_set (param i64 i64)))
  (import "extism:host/env" "error_set" (func $error_set (param i64)))
  (import "extism:host/env" "config_get" (func $config_get (param i64) (result i64)))
  (import "extism:host/env" "var_get" (func $var_get (param i64) (result i64)))
  (import "extism:host/env" "var_set" (func $var_set (param i64 i64)))
  (import "extism:host/env" "log_warn" (func $log_warn (param i64)))

  (memory (export "memory") 1)
  (data (i32.const 0) "visits..no such key")

  ;; A block with bytes of this memory.
  (func $block (param $from i32) (param $length i32) (result i64)
    (local $handle i64)
    (local $at i32)
    (local.set $handle (call $alloc (i64.extend_i32_u (local.get $length))))
    (loop $bytes
      (if (i32.lt_u (local.get $at) (local.get $length))
        (then
          (call $store_u8
            (i64.add (local.get $handle) (i64.extend_i32_u (local.get $at)))
            (i32.load8_u (i32.add (local.get $from) (local.get $at))))
          (local.set $at (i32.add (local.get $at) (i32.const 1)))
          (br $bytes))))
    (local.get $handle))

  (func $answer (param $handle i64)
    (call $output_set (local.get $handle) (call $length (local.get $handle))))

  ;; The input's bytes from the last to the first.
  (func (export "reverse") (result i32)
    (local $handle i64)
    (local $at i64)
    (local $left i64)
    (local.set $left (call $input_length))
    (local.set $handle (call $alloc (local.get $left)))
    (local.set $at (local.get $handle))
    (loop $bytes
      (if (i64.ne (local.get $left) (i64.const 0))
        (then
          (local.set $left (i64.sub (local.get $left) (i64.const 1)))
          (call $store_u8 (local.get $at) (call $input_load_u8 (local.get $left)))
          (local.set $at (i64.add (local.get $at) (i64.const 1)))
          (br $bytes))))
    (call $answer (local.get $handle))
    (i32.const 0))

  ;; What the configuration has under the input, or an error.
  (func (export "config") (result i32)
    (local $value i64)
    (local.set $value (call $config_get (call $input_offset)))
    (if (i64.eqz (local.get $value))
      (then
        (call $error_set (call $block (i32.const 8) (i32.const 11)))
        (return (i32.const 1))))
    (call $answer (local.get $value))
    (i32.const 0))

  ;; How often it was called, as eight bytes, kept in a var.
  (func (export "visits") (result i32)
    (local $value i64)
    (local $count i64)
    (local.set $value (call $var_get (call $block (i32.const 0) (i32.const 6))))
    (if (i64.ne (local.get $value) (i64.const 0))
      (then (local.set $count (call $load_u64 (local.get $value)))))
    (local.set $value (call $alloc (i64.const 8)))
    (call $store_u64 (local.get $value) (i64.add (local.get $count) (i64.const 1)))
    ;; What is passed is the host's from there on, the key of `var_get` as well.
    (call $var_set (call $block (i32.const 0) (i32.const 6)) (local.get $value))
    (local.set $value (call $alloc (i64.const 8)))
    (call $store_u64 (local.get $value) (i64.add (local.get $count) (i64.const 1)))
    (call $answer (local.get $value))
    (i32.const 0))

  (func (export "log")
    (call $log_warn (call $input_offset))))
