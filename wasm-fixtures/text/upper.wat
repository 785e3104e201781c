;; Host functions for `shout.wat`, in a module of their own with a memory of its own: handles are of the same kernel.
(module
  (import "extism:host/env" "alloc" (func $alloc (param i64) (result i64)))
  (import "extism:host/env" "length" (func $length (param i64) (result i64)))
  (import "extism:host/env" "load_u8" (func $load_u8 (param i64) (result i32)))
  (import "extism:host/env" "store_u8" (func $store_u8 (param i64 i32)))
  (import "extism:host/env" "store_u64" (func $store_u64 (param i64 i64)))
  (import "extism:host/env" "log_info" (func $log_info (param i64)))

  ;; Counts its calls in its memory, from what its start has left there.
  (memory $memory 1)
  (func $start (i64.store (i32.const 16) (i64.const 100)))
  (start $start)

  ;; A new block with the text in ASCII capitals; another one like it is logged.
  (func (export "upper") (param $from i64) (result i64)
    (if (i64.ne (call $length (local.get $from)) (i64.const 0))
      (then (call $log_info (call $capitals (local.get $from)))))
    (i64.store (i32.const 16) (i64.add (i64.load (i32.const 16)) (i64.const 1)))
    (call $capitals (local.get $from)))

  (func $capitals (param $from i64) (result i64)
    (local $to i64)
    (local $at i64)
    (local $byte i32)
    (local.set $to (call $alloc (call $length (local.get $from))))
    (loop $bytes
      (if (i64.lt_u (local.get $at) (call $length (local.get $from)))
        (then
          (local.set $byte (call $load_u8 (i64.add (local.get $from) (local.get $at))))
          (if (i32.lt_u (i32.sub (local.get $byte) (i32.const 97)) (i32.const 26))
            (then (local.set $byte (i32.sub (local.get $byte) (i32.const 32)))))
          (call $store_u8 (i64.add (local.get $to) (local.get $at)) (local.get $byte))
          (local.set $at (i64.add (local.get $at) (i64.const 1)))
          (br $bytes))))
    (local.get $to))

  (func (export "calls") (result i64)
    (local $handle i64)
    (local.set $handle (call $alloc (i64.const 8)))
    (call $store_u64 (local.get $handle) (i64.load (i32.const 16)))
    (local.get $handle)))
