/*
 * A convolution's epilogue: target = clip(sum · scale + bias + addend). Applied to the sums while they are in registers
 * or cache, so that bias, BatchNorm2d with running statistics, shortcut and activation need no pass over memory of
 * their own.
 */
#pragma once
#include "kernels.h"
#include "simd.h"

typedef struct {
  float *target;
  const float *addend;       /* as large as the target; may be the target itself, or NULL */
  const float *scale, *bias; /* per output channel; either may be NULL */
  float slope, ceiling;      /* the clip: `slope` times negative values, at most `ceiling`; 0: no clip */
} Epilogue;

/* The epilogue of an instruction whose result is `out`. */
#define EPILOGUE(op, context, out)                                                                           \
  ((Epilogue){reals(context, (op)->out),                                                                     \
              (op)->accumulate ? reals(context, (op)->out) : reals(context, (op)->addend),                   \
              reals(context, (op)->scale), reals(context, (op)->bias), (op)->slope, (op)->ceiling})

/* The epilogue of the output channels from `first` on. */
static inline Epilogue epilogue_from(const Epilogue *e, int32_t first) {
  return (Epilogue){e->target + first,
                    e->addend ? e->addend + first : NULL,
                    e->scale ? e->scale + first : NULL,
                    e->bias ? e->bias + first : NULL,
                    e->slope,
                    e->ceiling};
}

/* The same bits as relu.c and activation.c; NaN stays NaN. */
static inline vf cut_vector(vf v, float slope, float ceiling) {
  const vi below = v < splat(0);
  v = slope == 0 ? (vf)((vi)v & ~below) : choose(below, v * slope, v);
  if (ceiling == __builtin_inff()) return v;
  const vf most = splat(ceiling);
  return choose(v > most, most, v);
}

static inline float cut_number(float v, float slope, float ceiling) {
  if (v < 0) return slope == 0 ? 0 : v * slope;
  return v > ceiling ? ceiling : v;
}

/* Sums of several lines of pixels, at most one panel of their channels. */
typedef struct {
  const float *sums;
  size_t sums_line, sums_pixel; /* distance of the sums of two lines, and of two pixels */
  size_t at, line, pixel;       /* index of the first pixel in the target; distances there */
  int32_t lines, pixels, channel, channels;
} Patch;

enum { UNCUT, RELU, CUT };

static inline int cut_of(const Epilogue *e) {
  return e->ceiling == 0 ? UNCUT : e->slope == 0 && e->ceiling == __builtin_inff() ? RELU : CUT;
}

static inline int is_plain(const Epilogue *e) { return !e->scale && e->ceiling == 0; }

/*
 * Defines a specialised function for each kind of epilogue, so that the inner loop has no branches; BY_EPILOGUE calls
 * the one that applies. The template takes two more arguments: whether there is an addend, and the kind of clip.
 */
#define FOR_ONE_EPILOGUE(name, suffix, adds, cut, parameters, ...)                                           \
  __attribute__((noinline)) static void name##suffix parameters { name(__VA_ARGS__, adds, cut); }
#define FOR_EACH_EPILOGUE(name, parameters, ...)                                                             \
  FOR_ONE_EPILOGUE(name, _plain, 0, UNCUT, parameters, __VA_ARGS__)                                          \
  FOR_ONE_EPILOGUE(name, _add, 1, UNCUT, parameters, __VA_ARGS__)                                            \
  FOR_ONE_EPILOGUE(name, _relu, 0, RELU, parameters, __VA_ARGS__)                                            \
  FOR_ONE_EPILOGUE(name, _add_relu, 1, RELU, parameters, __VA_ARGS__)                                        \
  FOR_ONE_EPILOGUE(name, _cut, 0, CUT, parameters, __VA_ARGS__)                                              \
  FOR_ONE_EPILOGUE(name, _add_cut, 1, CUT, parameters, __VA_ARGS__)
#define BY_EPILOGUE(name, e, ...)                                                                            \
  switch (cut_of(e) * 2 + ((e)->addend != NULL)) {                                                           \
    case UNCUT * 2: name##_plain(e, __VA_ARGS__); break;                                                     \
    case UNCUT * 2 + 1: name##_add(e, __VA_ARGS__); break;                                                   \
    case RELU * 2: name##_relu(e, __VA_ARGS__); break;                                                       \
    case RELU * 2 + 1: name##_add_relu(e, __VA_ARGS__); break;                                               \
    case CUT * 2: name##_cut(e, __VA_ARGS__); break;                                                         \
    default: name##_add_cut(e, __VA_ARGS__);                                                                 \
  }

static inline vf scale_from(const Epilogue *e, int32_t channel) {
  return e->scale ? load(e->scale + channel) : splat(1);
}

static inline vf bias_from(const Epilogue *e, int32_t channel) {
  return e->bias ? load(e->bias + channel) : splat(0);
}

/* The epilogue of a vector of sums of neighbouring channels; `at` is the index in the target. */
__attribute__((always_inline)) static inline vf apply_epilogue(const Epilogue *e, vf sums, vf scale, vf bias, size_t at,
                                                         int adds, int cut) {
  vf v = sums * scale + bias;
  if (adds) v += load(e->addend + at);
  if (cut == RELU) v = cut_vector(v, 0, __builtin_inff());
  if (cut == CUT) v = cut_vector(v, e->slope, e->ceiling);
  return v;
}

__attribute__((always_inline)) static inline void store_vector(const Epilogue *e, vf sums, vf scale, vf bias, size_t at,
                                                             int adds, int cut) {
  store(e->target + at, apply_epilogue(e, sums, scale, bias, at, adds, cut));
}

/* Stores a whole panel of each pixel. */
__attribute__((always_inline)) static inline void store_panel(const Epilogue *epilogue, const Patch *p, int adds,
                                                            int cut) {
  const Epilogue e = *epilogue;
  for (int32_t n = 0; n < PANEL; n += LANES) {
    const vf scale = scale_from(&e, p->channel + n), bias = bias_from(&e, p->channel + n);
    for (int32_t line = 0; line < p->lines; line++) {
      const float *sums = p->sums + line * p->sums_line + n;
      size_t at = p->at + line * p->line + n;
      for (int32_t i = 0; i < p->pixels; i++, sums += p->sums_pixel, at += p->pixel)
        store_vector(&e, load(sums), scale, bias, at, adds, cut);
    }
  }
}

FOR_EACH_EPILOGUE(store_panel, (const Epilogue *e, const Patch *p), e, p)

/* Stores fewer channels than a panel. */
__attribute__((noinline)) static void store_partial_panel(const Epilogue *e, const Patch *p) {
  for (int32_t line = 0; line < p->lines; line++)
    for (int32_t pixel = 0; pixel < p->pixels; pixel++)
      for (int32_t i = 0; i < p->channels; i++) {
        const size_t at = p->at + line * p->line + pixel * p->pixel + i;
        float sum = p->sums[line * p->sums_line + pixel * p->sums_pixel + i];
        sum = sum * (e->scale ? e->scale[p->channel + i] : 1) + (e->bias ? e->bias[p->channel + i] : 0);
        if (e->addend) sum += e->addend[at];
        e->target[at] = e->ceiling == 0 ? sum : cut_number(sum, e->slope, e->ceiling);
      }
}

static inline void store_patch(const Epilogue *e, const Patch *p) {
  if (p->channels < PANEL) store_partial_panel(e, p);
  else BY_EPILOGUE(store_panel, e, p)
}
