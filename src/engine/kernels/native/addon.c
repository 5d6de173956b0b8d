/*
 * The kernels as a Node-API addon: the same program over the same shared memory as in WebAssembly, compiled for
 * one kind of processor. This file alone is compiled for every processor, because it asks which one is there.
 */
#include <node_api.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/mman.h>

/* As in vm.c; what it is built from stays unknown here. */
void vm_run(uint8_t *base, void *control, int32_t thread, int32_t threads, void *scratch);
extern const int32_t vm_instructions;

static bool is_supported(void) {
#if defined(FOR_avx512)
  __builtin_cpu_init();
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
         __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
         __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
#elif defined(FOR_avx2)
  __builtin_cpu_init();
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
#else
  return true;
#endif
}

/* isSupported(): boolean */
static napi_value js_is_supported(napi_env env, napi_callback_info info) {
  (void)info;
  napi_value answer;
  napi_get_boolean(env, is_supported(), &answer);
  return answer;
}

/* Where a Uint8Array over shared memory lies; NULL with an exception where it is none. */
static uint8_t *base_of(napi_env env, napi_value array, size_t *length) {
  void *data = NULL;
  if (napi_get_typedarray_info(env, array, NULL, length, &data, NULL, NULL) != napi_ok || !data)
    napi_throw_type_error(env, NULL, "a Uint8Array over the engine's memory is wanted");
  return data;
}

/* prepare(memory: Uint8Array): asks for large pages, which spare the processor a part of its look-ups. */
static napi_value js_prepare(napi_env env, napi_callback_info info) {
  size_t count = 1, length;
  napi_value argument;
  napi_get_cb_info(env, info, &count, &argument, NULL, NULL);
  uint8_t *base = base_of(env, argument, &length);
#ifdef MADV_HUGEPAGE
  if (base) madvise(base, length, MADV_HUGEPAGE);
#else
  (void)base;
#endif
  return NULL;
}

/* run(memory: Uint8Array, control, thread, threads, scratch): vm_run, places as offsets into the memory */
static napi_value js_run(napi_env env, napi_callback_info info) {
  size_t count = 5, length;
  napi_value arguments[5];
  int64_t numbers[5] = {0};
  napi_get_cb_info(env, info, &count, arguments, NULL, NULL);
  uint8_t *base = base_of(env, arguments[0], &length);
  if (!base) return NULL;
  for (int i = 1; i < 5; i++) napi_get_value_int64(env, arguments[i], &numbers[i]);
  vm_run(base, base + numbers[1], (int32_t)numbers[2], (int32_t)numbers[3], base + numbers[4]);
  return NULL;
}

NAPI_MODULE_INIT() {
  const napi_property_descriptor properties[] = {
      {"isSupported", NULL, js_is_supported, NULL, NULL, NULL, napi_enumerable, NULL},
      {"prepare", NULL, js_prepare, NULL, NULL, NULL, napi_enumerable, NULL},
      {"run", NULL, js_run, NULL, NULL, NULL, napi_enumerable, NULL},
  };
  napi_define_properties(env, exports, sizeof properties / sizeof *properties, properties);
  napi_value instructions;
  napi_create_int32(env, vm_instructions, &instructions);
  napi_set_named_property(env, exports, "instructions", instructions);
  return exports;
}
