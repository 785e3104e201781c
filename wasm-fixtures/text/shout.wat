;; A plugin that is linked with another module, which serves its host functions: link: { "extism:host/user": upper.wasm }
(module
  (import "extism:host/user" "upper" (func $upper (param i64) (result i64)))
  (import "extism:host/user" "calls" (func $calls (result i64)))
  (import "extism:host/env" "input_offset" (func $input_offset (result i64)))
  (import "extism:host/env" "length" (func $length (param i64) (result i64)))
  (import "extism:host/env" "output_set" (func $output_set (param i64 i64)))

  (func $answer (param $handle i64) (result i32)
    (call $output_set (local.get $handle) (call $length (local.get $handle)))
    (i32.const 0))

  (func (export "shout") (result i32) (call $answer (call $upper (call $input_offset))))
  (func (export "calls") (result i32) (call $answer (call $calls))))
