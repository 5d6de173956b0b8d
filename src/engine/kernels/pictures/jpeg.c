/*
 * The scan of a baseline JPEG to pixels at 1/2, 1/4 or 1/8 of its size, each the mean of those that it stands for, as
 * libjpeg scales too. ITU-T T.81: https://www.w3.org/Graphics/JPEG/itu-t81.pdf, chapters and figures below are its.
 *
 * A block is a sum of 64 cosines, so its means are a sum of the cosines' means: each coefficient adds a few numbers
 * where it is read, and no block is ever transformed as a whole.
 *
 * Only what is regular to the last bit is decoded. Of anything else `decode` answers 0, having written nothing but
 * what it was given to write to.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vectors.h"

/* One of up to three, as plainJpeg.ts writes it. */
typedef struct {
  /* In the file: 64 numbers of 8 bits, in zigzag; two Huffman tables, each the 16 counts, then the symbols. */
  const uint8_t *quantisers, *dc, *ac;
  /* Blocks of an MCU. */
  int32_t across, down;
  /* Pixels that a block becomes, across as well as down: 1, 2, 4 or 8. */
  int32_t side;
  uint8_t *plane;
} Component;

typedef struct {
  /* From the first byte after the header of the scan to the end of the file. */
  const uint8_t *scan, *end;
  int32_t mcus_across, mcus_down;
  /* MCUs between restart markers; 0 where there are none. */
  int32_t interval;
  /* Bytes from one row of a plane to the next, which is the same of all. */
  int32_t stride;
  int32_t count;
  Component components[JPEG_COMPONENTS];
} Frame;

_Static_assert(sizeof(Frame) == JPEG_FRAME_BYTES, "plainJpeg.ts writes all of it");

/* Bits of the scan, the next one the highest. */
typedef struct {
  const uint8_t *at, *end;
  uint64_t bits;
  /* How many there are, and how many of the last are zeros that no byte stands for. */
  int32_t count, borrowed;
} Reader;

/* At least 32 bits, enough for a code of 16 and a value of 15. What lies behind a marker is not read. */
INLINE void refill(Reader *reader) {
  if (reader->count > 32) return;
  if (reader->end - reader->at >= 4) {
    uint32_t next;
    __builtin_memcpy(&next, reader->at, 4);
    /* No byte of it is 0xff. */
    if (((~next - 0x01010101u) & next & 0x80808080u) == 0) {
      reader->bits |= (uint64_t)__builtin_bswap32(next) << (32 - reader->count);
      reader->count += 32;
      reader->at += 4;
      return;
    }
  }
  while (reader->count <= 32) {
    uint64_t byte = 0;
    const ptrdiff_t left = reader->end - reader->at;
    if (left >= 1 && reader->at[0] != 0xff) {
      byte = *reader->at++;
    } else if (left >= 2 && reader->at[1] == 0) {
      byte = 0xff;
      reader->at += 2;
    } else {
      reader->borrowed += 8;
    }
    reader->bits |= byte << (56 - reader->count);
    reader->count += 8;
  }
}

INLINE uint32_t peek(const Reader *reader, int32_t count) {
  return (uint32_t)(reader->bits >> (64 - count));
}

INLINE void skip(Reader *reader, int32_t count) {
  reader->bits <<= count;
  reader->count -= count;
}

/* Whether all that was read is there, and nothing but the bits that fill the last byte is left before this marker. */
static bool ends_with(const Reader *reader, uint8_t marker) {
  const int32_t left = reader->count - reader->borrowed;
  return left >= 0 && left < 8 && reader->end - reader->at >= 2 && reader->at[0] == 0xff && reader->at[1] == marker;
}

/* Figure F.12. */
INLINE int32_t extend(uint32_t bits, int32_t size) {
  return (int32_t)bits - (bits >> (size - 1) ? 0 : (1 << size) - 1);
}

/* Codes of up to so many bits are looked up, longer ones are one in two hundred. */
#define QUICK 9

/* What is known once a code is read: its length in bits, its symbol, and the value behind it if that was read too. */
#define ENTRY(symbol, length) ((symbol) << 8 | (length))
#define LENGTH(entry) ((entry) & 255)
#define SIZE(entry) ((entry) >> 8 & 15)
#define RUN(entry) ((entry) >> 12 & 15)
#define VALUE(entry) ((entry) >> 16)

typedef struct {
  /* By the next bits; 0 where the code is longer. */
  int32_t entries[1 << QUICK];
  /* Of each length the first code beyond it, with zeros to 16 bits, and where its first symbol lies, less its code. */
  int32_t beyond[17], offset[17];
  const uint8_t *symbols;
} Huffman;

/* False where the lengths fit no code, one of its words would be all ones, or a symbol is larger than any may be. */
static bool make_huffman(const uint8_t *counts, uint8_t largest, Huffman *huffman) {
  for (int32_t i = 0; i < 1 << QUICK; i++) huffman->entries[i] = 0;
  huffman->symbols = counts + 16;
  int32_t code = 0, at = 0;
  for (int32_t length = 1; length <= 16; length++) {
    huffman->offset[length] = at - code;
    for (int32_t i = 0; i < counts[length - 1]; i++, code++, at++) {
      if (code + 1 >= 1 << length || huffman->symbols[at] > largest) return false;
      if (length > QUICK) continue;
      const int32_t symbol = huffman->symbols[at], size = symbol & 15, spare = QUICK - length;
      for (int32_t after = 0; after < 1 << spare; after++) {
        const bool is_whole = size > 0 && size <= spare;
        const uint32_t value = is_whole ? (uint32_t)extend((uint32_t)after >> (spare - size), size) : 0;
        const int32_t entry = is_whole ? ENTRY(symbol & 0xf0, length + size) : ENTRY(symbol, length);
        huffman->entries[(code << spare) + after] = (int32_t)(value << 16) | entry;
      }
    }
    huffman->beyond[length] = code << (16 - length);
    code <<= 1;
  }
  return true;
}

/* 0 where no code begins with these bits. */
static NOINLINE int32_t find_code(int32_t bits, const Huffman *huffman) {
  for (int32_t length = QUICK + 1; length <= 16; length++)
    if (bits < huffman->beyond[length])
      return ENTRY(huffman->symbols[(bits >> (16 - length)) + huffman->offset[length]], length);
  return 0;
}

INLINE int32_t read_code(Reader *reader, const Huffman *huffman) {
  int32_t entry = huffman->entries[peek(reader, QUICK)];
  if (entry == 0) entry = find_code((int32_t)peek(reader, 16), huffman);
  skip(reader, LENGTH(entry));
  return entry;
}

INLINE int32_t read_value(Reader *reader, int32_t size) {
  const int32_t value = extend(peek(reader, size), size);
  skip(reader, size);
  return value;
}

/* The largest size of a difference of DC, and of an AC coefficient: tables F.1 and F.2. */
#define MOST_DC 11
#define MOST_AC 10

typedef struct {
  Huffman dc, ac;
  int32_t last;
  /* Of each coefficient, in zigzag, what one of it adds to each pixel of a block; a vector at least. */
  float parts[64 * 64] __attribute__((aligned(16)));
} Decoder;

/* The next block of a component, chapter F.2.2. False where it is none. */
INLINE bool block(Reader *reader, Decoder *decoder, uint8_t *to, int32_t stride, const int32_t side) {
  const int32_t vectors = (side * side + 3) / 4;
  refill(reader);
  const int32_t first = read_code(reader, &decoder->dc);
  if (first == 0 || RUN(first) != 0 || SIZE(first) > MOST_DC) return false;
  decoder->last += SIZE(first) ? read_value(reader, SIZE(first)) : VALUE(first);
  f32x4 sums[16];
  UNROLL for (int32_t i = 0; i < vectors; i++) {
    const f32x4 part = *(const f32x4 *)(decoder->parts + 4 * i);
    sums[i] = part * (float)decoder->last + 128;
  }
  for (int32_t k = 1; k < 64; k++) {
    refill(reader);
    const int32_t entry = read_code(reader, &decoder->ac);
    if (entry == 0) return false;
    k += RUN(entry);
    int32_t value = VALUE(entry);
    if (value == 0) {
      const int32_t size = SIZE(entry);
      if (size == 0 && RUN(entry) == 0) break;
      if (size == 0 && RUN(entry) == 15) continue;
      if (size == 0 || size > MOST_AC) return false;
      value = read_value(reader, size);
    }
    if (k > 63) return false;
    const f32x4 *part = (const f32x4 *)(decoder->parts + 4 * vectors * k);
    UNROLL for (int32_t i = 0; i < vectors; i++) sums[i] += part[i] * (float)value;
  }
  i32x4 pixels[16];
  /* Rounded: what is below -128 becomes 0 as well. */
  UNROLL for (int32_t i = 0; i < vectors; i++)
    pixels[i] = clamped(__builtin_convertvector(sums[i] + 128.5f, i32x4) - 128);
  UNROLL for (int32_t y = 0; y < side; y++)
    UNROLL for (int32_t x = 0; x < side; x++) {
      const int32_t at = y * side + x;
      to[y * stride + x] = (uint8_t)pixels[at / 4][at % 4];
    }
  return true;
}

/* A function for each size: what they add up stays in registers. */
#define SIDES(X) X(1) X(2) X(4) X(8)
#define DEFINE_BLOCK(side) \
  static NOINLINE bool block_##side(Reader *reader, Decoder *decoder, uint8_t *to, int32_t stride) { \
    return block(reader, decoder, to, stride, side); \
  }
SIDES(DEFINE_BLOCK)

typedef bool (*Block)(Reader *, Decoder *, uint8_t *, int32_t);

static Block block_of(int32_t wanted) {
#define CHOOSE_BLOCK(side) \
  if (wanted == side) return block_##side;
  SIDES(CHOOSE_BLOCK)
  return NULL;
}

/* Figure A.6: the frequency across, then down, of each coefficient. */
static const uint8_t ZIGZAG[64][2] = {
    {0, 0}, {1, 0}, {0, 1}, {0, 2}, {1, 1}, {2, 0}, {3, 0}, {2, 1}, {1, 2}, {0, 3}, {0, 4}, {1, 3}, {2, 2},
    {3, 1}, {4, 0}, {5, 0}, {4, 1}, {3, 2}, {2, 3}, {1, 4}, {0, 5}, {0, 6}, {1, 5}, {2, 4}, {3, 3}, {4, 2},
    {5, 1}, {6, 0}, {7, 0}, {6, 1}, {5, 2}, {4, 3}, {3, 4}, {2, 5}, {1, 6}, {0, 7}, {1, 7}, {2, 6}, {3, 5},
    {4, 4}, {5, 3}, {6, 2}, {7, 1}, {7, 2}, {6, 3}, {5, 4}, {4, 5}, {3, 6}, {2, 7}, {3, 7}, {4, 6}, {5, 5},
    {6, 4}, {7, 3}, {7, 4}, {6, 5}, {5, 6}, {4, 7}, {5, 7}, {6, 6}, {7, 5}, {7, 6}, {6, 7}, {7, 7},
};

/* cos(n π / 16) */
static float cosine(int32_t n) {
  static const float QUARTER[9] = {1,           0.98078528f, 0.92387953f, 0.83146961f, 0.70710678f,
                                   0.55557023f, 0.38268343f, 0.19509032f, 0};
  n &= 31;
  if (n > 16) n = 32 - n;
  return n <= 8 ? QUARTER[n] : -QUARTER[16 - n];
}

/* The mean over one of the equal parts of eight samples of a frequency as chapter A.3.3 weighs it. */
static float mean_cosine(int32_t frequency, int32_t part, int32_t parts) {
  const int32_t length = 8 / parts;
  float sum = 0;
  for (int32_t at = part * length; at < (part + 1) * length; at++) sum += cosine((2 * at + 1) * frequency);
  return sum / (float)(2 * length) * (frequency == 0 ? 0.70710678f : 1);
}

static bool prepare(const Component *component, Decoder *decoder) {
  const int32_t side = component->side, places = (side * side + 3) / 4 * 4;
  float means[8][8];
  for (int32_t frequency = 0; frequency < 8; frequency++)
    for (int32_t part = 0; part < side; part++) means[frequency][part] = mean_cosine(frequency, part, side);
  for (int32_t k = 0; k < 64; k++)
    for (int32_t at = 0; at < places; at++) {
      const float part = means[ZIGZAG[k][0]][at % side] * means[ZIGZAG[k][1]][at / side % side];
      decoder->parts[k * places + at] = component->quantisers[k] * part;
    }
  decoder->last = 0;
  return make_huffman(component->dc, 15, &decoder->dc) && make_huffman(component->ac, 255, &decoder->ac);
}

static Decoder decoders[JPEG_COMPONENTS];

/* Fills the planes. 0 where the scan is not regular; then they hold nothing of use. */
EXPORT(decode) int32_t decode(const Frame *frame) {
  Block blocks[JPEG_COMPONENTS];
  for (int32_t i = 0; i < frame->count; i++) {
    const Component *component = &frame->components[i];
    blocks[i] = block_of(component->side);
    if (!blocks[i] || !prepare(component, &decoders[i])) return 0;
  }
  Reader reader = {.at = frame->scan, .end = frame->end};
  const int32_t mcus = frame->mcus_across * frame->mcus_down;
  for (int32_t mcu = 0, x = 0, y = 0, restarts = 0; mcu < mcus; mcu++) {
    if (frame->interval > 0 && mcu > 0 && mcu % frame->interval == 0) {
      if (!ends_with(&reader, 0xd0 + (restarts++ & 7))) return 0;
      reader = (Reader){.at = reader.at + 2, .end = frame->end};
      for (int32_t i = 0; i < frame->count; i++) decoders[i].last = 0;
    }
    for (int32_t i = 0; i < frame->count; i++) {
      const Component *component = &frame->components[i];
      const int32_t side = component->side;
      for (int32_t down = 0; down < component->down; down++)
        for (int32_t across = 0; across < component->across; across++) {
          const int32_t row = (y * component->down + down) * side, column = (x * component->across + across) * side;
          uint8_t *to = component->plane + row * frame->stride + column;
          if (!blocks[i](&reader, &decoders[i], to, frame->stride)) return 0;
        }
    }
    if (++x == frame->mcus_across) x = 0, y++;
  }
  return ends_with(&reader, 0xd9);
}

/*
 * Y, Cb and Cr to red, green and blue, each in the other's place (ITU-T T.871, chapter 7). Writes to the end of the
 * vector that the last pixel lies in.
 */
EXPORT(to_rgb) void to_rgb(uint8_t *first, uint8_t *second, uint8_t *third, int32_t length) {
  for (int32_t i = 0; i < length; i += 8) {
    const i16x8 y = widened(first + i), cb = widened(second + i) - 128, cr = widened(third + i) - 128;
    const i16x8 less = (times(cb << 6, 0.344136) + times(cr << 6, 0.714136) + 32) >> 6;
    store_bytes(y + cr + times(cr, 0.402), first + i);
    store_bytes(y - less, second + i);
    store_bytes(y + cb + times(cb, 0.772), third + i);
  }
}
