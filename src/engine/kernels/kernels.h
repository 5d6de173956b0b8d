/*
 * The ABI between the compiled program and the kernels. One C source, built for WebAssembly and natively, in
 * float32 (fast) and float64 (REFERENCE: plain loops, the oracle of the fast ones).
 *
 * Memory is one block: control, program, tensors. A tensor is its offset from the block's start in lines of 64
 * bytes, 0 for none. Images lie as [batch][height][width][channels]; vectors as [batch][features].
 *
 * Weights of convolutions lie in panels of PANEL output channels, one group after the other:
 * [group][panel][row][PANEL], where row = tap * channelsPerGroup + channel and tap = ky * kernelWidth + kx.
 * A last panel is filled up with zeros. Those of a depthwise convolution lie as if it had one group of one input
 * channel, [panel][tap][PANEL].
 *
 * A kernel cuts its work into tasks by the problem alone, never by the number of threads, and takes them by
 * next_task. Within a task the order of sums is fixed: the same bits for any number of threads.
 */
#pragma once
#include <stddef.h>
#include <stdint.h>

#include "constants.h"

#ifdef REFERENCE
typedef double real;
#else
typedef float real;
#endif

typedef uint32_t tensor_t;

_Static_assert(sizeof(Control) <= LINE_BYTES, "models begin a line behind the control block");

typedef struct {
  uint8_t *base;
  Control *control;
  int32_t thread, threads;
  int32_t parity; /* which of the two task counters is in use */
  void *scratch;  /* SCRATCH_BYTES of this thread, to be used through SCRATCH */
} Context;

/* This thread's scratch as a given type. Checked to fit, since the next thread's stack follows. */
#define SCRATCH(Type, context)                                                                               \
  ({                                                                                                         \
    _Static_assert(sizeof(Type) <= SCRATCH_BYTES, "what a kernel keeps in its scratch is larger than it");   \
    (Type *)(context)->scratch;                                                                              \
  })

/*
 * The address of a tensor. Computed with integers: in WebAssembly memory begins at address 0, and a compiler may assume
 * that a null pointer plus an offset is still null.
 */
static inline void *place(const Context *context, tensor_t tensor) {
  return (void *)((uintptr_t)context->base + (size_t)tensor * LINE_BYTES);
}

static inline real *reals(const Context *context, tensor_t tensor) {
  return tensor ? (real *)place(context, tensor) : NULL;
}

/* Sums over many numbers are double on every backend. */
static inline double *doubles(const Context *context, tensor_t tensor) {
  return tensor ? (double *)place(context, tensor) : NULL;
}

static inline int32_t *int32s(const Context *context, tensor_t tensor) {
  return (int32_t *)place(context, tensor);
}

static inline const uint8_t *bytes(const Context *context, tensor_t tensor) {
  return (const uint8_t *)place(context, tensor);
}

/* The `size` numbers of one image's gradient: as another consumer left them, or zeroed. */
static inline real *image_gradient(const Context *context, tensor_t tensor, int32_t image, int32_t size,
                                   int32_t accumulate) {
  real *dx = reals(context, tensor) + (size_t)image * size;
  if (!accumulate)
    for (int32_t i = 0; i < size; i++) dx[i] = 0;
  return dx;
}

/* This instruction's task counter; the next instruction uses the other one. */
static inline int32_t *tasks_of(const Context *context) {
  return context->parity ? &context->control->odd_tasks : &context->control->even_tasks;
}

/* Takes the next task of this instruction. */
static inline int32_t next_task(const Context *context) {
  return __atomic_fetch_add(tasks_of(context), 1, __ATOMIC_RELAXED);
}

static inline int32_t min(int32_t a, int32_t b) { return a < b ? a : b; }
static inline int32_t max(int32_t a, int32_t b) { return a > b ? a : b; }
static inline int32_t divide_up(int32_t a, int32_t b) { return (a + b - 1) / b; }

/* Elements per task of an elementwise kernel. */
#define CHUNK 4096

/*
 * Before a loop whose iterations are independent: tensors are identical or do not overlap. Otherwise compilers check
 * for overlap at run time, and take the scalar path where a kernel writes in place.
 */
#if defined(REFERENCE)
#define INDEPENDENT
#elif defined(__clang__)
#define INDEPENDENT _Pragma("clang loop vectorize(assume_safety)")
#else
#define INDEPENDENT _Pragma("GCC ivdep")
#endif

/* Runs the following statement for every i < total, CHUNK elements per task. Needs `context`. */
#define EACH_ELEMENT(i, total)                                                                               \
  for (int32_t all = (total), task; (task = next_task(context)) < divide_up(all, CHUNK);)                    \
    INDEPENDENT for (int32_t i = task * CHUNK, end = min(all, (task + 1) * CHUNK); i < end; i++)

#include "instructions.h"

typedef struct {
  int32_t channels, height, width, out_channels, out_height, out_width;
  int32_t kernel_height, kernel_width, stride_height, stride_width;
  int32_t dilation_height, dilation_width, padding_top, padding_left, groups;
} Geometry;

#define GEOMETRY(op)                                                                                         \
  ((Geometry){(op)->channels, (op)->height, (op)->width, (op)->out_channels, (op)->out_height,              \
              (op)->out_width, (op)->kernel_height, (op)->kernel_width, (op)->stride_height,                \
              (op)->stride_width, (op)->dilation_height, (op)->dilation_width, (op)->padding_top,           \
              (op)->padding_left, (op)->groups})

/* Input and output image of a layer without a window. */
typedef struct {
  int32_t channels, height, width, out_channels, out_height, out_width;
} Images;

#define IMAGES(op)                                                                                           \
  ((Images){(op)->channels, (op)->height, (op)->width, (op)->out_channels, (op)->out_height, (op)->out_width})
