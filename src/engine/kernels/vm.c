/*
 * The virtual machine: all threads execute the same instructions. Each takes tasks of the current one, and waits for
 * the others before the next.
 */
#include "kernels.h"
#include "waiting.h"

typedef void Kernel(const void *op, const Context *context);

#define KERNEL(name, type) (Kernel *)(void *)name,
#define WORDS(name, type) sizeof(type) / sizeof(int32_t),
#define OPCODE(name, type) OPCODE_##name,

enum { INSTRUCTIONS(OPCODE) OPCODES };
_Static_assert(PROGRAM_END < 0, "no opcode is the end of a program");

static Kernel *const kernels[] = {INSTRUCTIONS(KERNEL)};
static const int32_t words[] = {INSTRUCTIONS(WORDS)};

/* The hash of the tables that the kernels were built from (checked in runtime/native.ts). */
const int32_t vm_instructions = INSTRUCTIONS_HASH;

static void barrier(const Context *context) {
  Control *control = context->control;
  const int32_t phase = __atomic_load_n(&control->phase, __ATOMIC_ACQUIRE);
  if (__atomic_add_fetch(&control->arrived, 1, __ATOMIC_ACQ_REL) == context->threads) {
    /* No thread uses this counter any more; the instruction after the next will use it again. */
    __atomic_store_n(tasks_of(context), 0, __ATOMIC_RELAXED);
    __atomic_store_n(&control->arrived, 0, __ATOMIC_RELAXED);
    __atomic_store_n(&control->phase, phase + 1, __ATOMIC_SEQ_CST);
    if (__atomic_load_n(&control->sleepers, __ATOMIC_SEQ_CST) > 0)
      wake_all(&control->phase);
    return;
  }
  for (int32_t turn = 0; turn < SPIN; turn++) {
    if (__atomic_load_n(&control->phase, __ATOMIC_ACQUIRE) != phase) return;
    pause_briefly();
  }
  __atomic_add_fetch(&control->sleepers, 1, __ATOMIC_SEQ_CST);
  while (__atomic_load_n(&control->phase, __ATOMIC_SEQ_CST) == phase)
    sleep_while(&control->phase, phase);
  __atomic_sub_fetch(&control->sleepers, 1, __ATOMIC_SEQ_CST);
}

/* Runs the program that the control block names. Every thread of the pool calls it. */
void vm_run(uint8_t *base, Control *control, int32_t thread, int32_t threads, void *scratch) {
  Context context = {base, control, thread, threads, 0, scratch};
  const int32_t *op = (const int32_t *)((uintptr_t)base + (size_t)control->program);
  for (; *op >= 0 && *op < OPCODES; op += words[*op]) {
    kernels[*op](op, &context);
    barrier(&context);
    context.parity ^= 1;
    /* Only guard_losses sets it, so that all threads see the same value here and leave together. */
    if (*op == OPCODE_guard_losses && __atomic_load_n(&control->halted, __ATOMIC_SEQ_CST)) break;
  }
}
