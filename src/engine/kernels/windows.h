/*
 * im2col: packs windows of an image into panels, [depth / PANEL][window][PANEL]. A window is a row of the matrix
 * product's left side; its depth is taps, and channels within a tap. Only as many windows and as much depth are packed
 * as the caller processes at a time.
 */
#pragma once
#include "kernels.h"
#include "simd.h"

/* The windows of a grid of pixels, and where their taps are in the images. */
typedef struct {
  const float *images;
  int32_t height, width, channels;
  int32_t first_channel, depth; /* the channels [first_channel, first_channel + depth) of each tap */
  int32_t grid_height, grid_width;
  int32_t step_y, step_x, origin_y, origin_x; /* the first tap of window (y, x): y · step_y + origin_y, … */
  int32_t taps_y, taps_x, tap_y, tap_x;       /* number of taps, and their distance */
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

/* Copies `run` numbers; up to three more may be copied within the panel, which are overwritten later. */
static inline void copy_run(float *to, const float *from, int32_t run, int32_t lane) {
  int32_t i = 0;
  for (; i < run && lane + i + 4 <= PANEL; i += 4) *(quad *)(to + i) = *(const quad *)(from + i);
  for (; i < run; i++) to[i] = from[i];
}

/* Writes source[from, end) to depth `at` of a window; zeros outside of [low, high). */
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
 * Packs the depths [from, from + depth) of the windows [first, first + rows), and empty windows up to a whole tile.
 * Taps that are adjacent in memory are copied at once.
 */
__attribute__((noinline, unused)) static void pack_windows(const Windows *w, int32_t first, int32_t rows,
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
      /* Where the image's pixels begin and end within the line. */
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

/* A window as lines: parts that are contiguous in memory. */
typedef struct {
  int32_t count, across; /* number of lines, and how many of them are side by side */
  int32_t length;
} Lines;

/* With few channels, adjacent taps are one line. */
static inline Lines lines_of(const Windows *w) {
  if (w->taps_x > 1 && w->tap_x == 1 && w->depth == w->channels && w->channels < PANEL)
    return (Lines){w->taps_y, 1, w->taps_x * w->depth};
  return (Lines){w->taps_y * w->taps_x, w->taps_x, w->depth};
}

/* The longest part of a line that one pointer stands for. */
#define LINE_PART 256

/* Zeros, read outside of the image. */
static const float zeros[LINE_PART];

/* The part [from, end) of a line that begins at pixel x of `row`, copied with zeros around the image. */
static const float *padded_part(const Windows *w, const float *row, int32_t x, int32_t from, int32_t end,
                                 float **edges) {
  const int32_t low = max(from, -x * w->channels), high = min(end, (w->width - x) * w->channels);
  if (low >= high) return zeros;
  const float *source = row + (ptrdiff_t)x * w->channels, *copy = *edges;
  for (int32_t i = from; i < end; i++) *(*edges)++ = i >= low && i < high ? source[i] : 0;
  return copy;
}

/*
 * Sets pointers to the part [from, end) of one line, for `count` windows of a row of the grid; the first window's first
 * tap is at pixel x.
 */
static inline void point_row(const Windows *w, const float *row, int32_t x, int32_t count, int32_t from,
                             int32_t end, const float **to, float **edges) {
  /* The windows [low, high) have the whole part within the image. */
  const int32_t first = -(from / w->channels) - x, last = w->width - divide_up(end, w->channels) - x;
  const int32_t low = min(count, first > 0 ? divide_up(first, w->step_x) : 0);
  const int32_t high = max(low, last < 0 ? 0 : min(count, last / w->step_x + 1));
  const float *source = row + (ptrdiff_t)x * w->channels + from;
  const ptrdiff_t step = (ptrdiff_t)w->step_x * w->channels;
  for (int32_t i = 0; i < low; i++) to[i] = padded_part(w, row, x + i * w->step_x, from, end, edges);
  for (int32_t i = low; i < high; i++) to[i] = source + i * step;
  for (int32_t i = high; i < count; i++) to[i] = padded_part(w, row, x + i * w->step_x, from, end, edges);
}

/*
 * Sets the pointers table[line][room] to the numbers [from, end) of the lines [line, line + lines) of the windows
 * [first, first + rows), for a product that reads in place. Lines that exceed the image are copied to `edges` with
 * zeros. Rows up to a whole tile point to zeros.
 */
__attribute__((noinline, unused)) static void point_windows(const Windows *w, const Lines *all, int32_t first,
                                                            int32_t rows, int32_t line, int32_t lines,
                                                            int32_t from, int32_t end, const float **table,
                                                            int32_t room, float *edges) {
  Pixel at = pixel_at(first, w->grid_height, w->grid_width);
  for (int32_t row = 0, count; row < rows; row += count) {
    count = min(rows - row, w->grid_width - at.x);
    const int32_t top = at.y * w->step_y + w->origin_y, start = at.x * w->step_x + w->origin_x;
    int32_t tap_y = line / all->across, tap_x = line % all->across;
    for (int32_t i = 0; i < lines; i++) {
      const int32_t y = top + tap_y * w->tap_y;
      const float **to = table + (size_t)i * room + row;
      const float *image_row =
          w->images + ((ptrdiff_t)at.image * w->height + y) * w->width * w->channels + w->first_channel;
      if (y >= 0 && y < w->height) point_row(w, image_row, start + tap_x * w->tap_x, count, from, end, to, &edges);
      else
        for (int32_t j = 0; j < count; j++) to[j] = zeros;
      if (++tap_x == all->across) tap_x = 0, tap_y++;
    }
    at.x = 0;
    if (++at.y == w->grid_height) at.y = 0, at.image++;
  }
  for (int32_t row = rows; row % TILE_ROWS != 0; row++)
    for (int32_t i = 0; i < lines; i++) table[(size_t)i * room + row] = zeros;
}

/* All windows of a convolution's input, for one group of channels. */
static inline Windows input_windows(const Geometry *g, const float *x, int32_t group) {
  const int32_t channels = g->channels / g->groups;
  return (Windows){x,         g->height,          g->width,          g->channels,      group * channels,
                   channels,  g->out_height,      g->out_width,      g->stride_height, g->stride_width,
                   -g->padding_top, -g->padding_left, g->kernel_height, g->kernel_width,
                   g->dilation_height, g->dilation_width};
}

/* Windows of a single output pixel each. */
static inline Windows output_pixels(const Geometry *g, const float *dy, int32_t first_channel, int32_t channels) {
  return (Windows){dy, g->out_height, g->out_width, g->out_channels, first_channel, channels,
                   g->out_height, g->out_width, 1, 1, 0, 0, 1, 1, 1, 1};
}
