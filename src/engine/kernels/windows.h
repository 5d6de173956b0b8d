/*
 * Packs what windows of an image see into panels, [depth / PANEL][window][PANEL]: a window is a row of the matrix
 * product's left side, its depth runs over taps and, within a tap, over channels. Never a whole image's: as many
 * windows and as much depth as the caller works on at a time.
 */
#pragma once
#include "kernels.h"
#include "simd.h"

/* The windows that belong to a grid of pixels, and where their taps lie in the images that they look at. */
typedef struct {
  const float *images;
  int32_t height, width, channels;
  int32_t first_channel, depth; /* of a tap: the channels [first_channel, first_channel + depth) */
  int32_t grid_height, grid_width;
  int32_t step_y, step_x, origin_y, origin_x; /* the first tap of window (y, x) is at y · step_y + origin_y, … */
  int32_t taps_y, taps_x, tap_y, tap_x;       /* how many taps, and how far apart */
} Windows;

typedef struct {
  int32_t image, y, x;
} Pixel;

static inline Pixel pixel_at(int32_t index, int32_t height, int32_t width) {
  const int32_t row = index / width;
  return (Pixel){row / height, row % height, index % width};
}

static inline void copy_panel_row(float *to, const float *from) {
  UNROLL for (int32_t i = 0; i < PANEL; i += LANES) store(to + i, load(from + i));
}

static inline void clear_panel_row(float *to) {
  UNROLL for (int32_t i = 0; i < PANEL; i += LANES) store(to + i, splat(0));
}

/* Four numbers at any address. */
typedef float quad __attribute__((vector_size(16), aligned(4), may_alias));

/* Copies `run` numbers, and up to three more where they stay within the panel: what lies there comes later. */
static inline void copy_run(float *to, const float *from, int32_t run, int32_t lane) {
  int32_t i = 0;
  for (; i < run && lane + i + 4 <= PANEL; i += 4) *(quad *)(to + i) = *(const quad *)(from + i);
  for (; i < run; i++) to[i] = from[i];
}

/* Writes source[from, end) to depth `at` of a window; what is outside of [low, high) is zero. */
static inline void pack_line(const float *source, int32_t from, int32_t end, int32_t low, int32_t high,
                             float *window, size_t step, int32_t at) {
  while (from < end) {
    const int32_t lane = at % PANEL, run = min(PANEL - lane, end - from);
    float *to = window + (size_t)(at / PANEL) * step + lane;
    if (from >= low && from + run <= high) {
      if (run == PANEL) copy_panel_row(to, source + from);
      else copy_run(to, source + from, run, lane);
    } else if (run == PANEL && (from >= high || from + PANEL <= low)) clear_panel_row(to);
    else
      for (int32_t i = 0; i < run; i++) to[i] = from + i >= low && from + i < high ? source[from + i] : 0;
    from += run, at += run;
  }
}

/*
 * Packs the depths [from, from + depth) of the windows [first, first + rows), and empty windows up to a whole
 * tile. Taps that lie side by side in memory are copied as one.
 */
__attribute__((noinline)) static inline void pack_windows(const Windows *w, int32_t first, int32_t rows,
                                                          int32_t from, int32_t depth, float *panels,
                                                          size_t step) {
  const int merged = w->tap_x == 1 && w->depth == w->channels;
  const int32_t line = merged ? w->taps_x * w->depth : w->depth, lines_x = merged ? 1 : w->taps_x;
  const int32_t first_y = from / line / lines_x, first_x = from / line % lines_x, within = from % line;
  Pixel at = pixel_at(first, w->grid_height, w->grid_width);
  for (int32_t row = 0; row < rows; row++, panels += PANEL) {
    const int32_t top = at.y * w->step_y + w->origin_y, start = at.x * w->step_x + w->origin_x;
    int32_t tap_y = first_y, tap_x = first_x, skipped = within;
    for (int32_t done = 0; done < depth; skipped = 0) {
      const int32_t y = top + tap_y * w->tap_y, x = start + tap_x * w->tap_x;
      const int32_t end = min(line, skipped + depth - done);
      /* How much of the line lies before the image's first pixel and before the end of its last. */
      const int32_t low = max(0, -x) * w->channels, high = max(0, w->width - x) * w->channels;
      const float *source =
          w->images + (((ptrdiff_t)at.image * w->height + y) * w->width + x) * w->channels + w->first_channel;
      pack_line(source, skipped, end, low, y >= 0 && y < w->height ? high : 0, panels, step, done);
      done += end - skipped;
      if (++tap_x == lines_x) tap_x = 0, tap_y++;
    }
    if (++at.x == w->grid_width) {
      at.x = 0;
      if (++at.y == w->grid_height) at.y = 0, at.image++;
    }
  }
  for (int32_t row = rows; row % TILE_ROWS != 0; row++, panels += PANEL)
    for (int32_t panel = 0; panel < divide_up(depth, PANEL); panel++) clear_panel_row(panels + panel * step);
}

/* What every window of a convolution sees of its input, of one group of channels. */
static inline Windows input_windows(const Geometry *g, const float *x, int32_t group) {
  const int32_t channels = g->channels / g->groups;
  return (Windows){x,         g->height,          g->width,          g->channels,      group * channels,
                   channels,  g->out_height,      g->out_width,      g->stride_height, g->stride_width,
                   -g->padding_top, -g->padding_left, g->kernel_height, g->kernel_width,
                   g->dilation_height, g->dilation_width};
}

/* Each output pixel by itself. */
static inline Windows output_pixels(const Geometry *g, const float *dy, int32_t first_channel, int32_t channels) {
  return (Windows){dy, g->out_height, g->out_width, g->out_channels, first_channel, channels,
                   g->out_height, g->out_width, 1, 1, 0, 0, 1, 1, 1, 1};
}
