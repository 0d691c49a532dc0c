// One pixel of the screen: the film's stored values under it, averaged by a tent as `resample.rs` does, then from the
// modality value through the VOI transform to a grey, polarity last, as `imaging/display.rs` does.

// Stored values less the smallest of the film, in tiles of which each is a layer.
uniform usampler2DArray u_stored;
// Overlay graphics, and what the shutter hides: 0 or 255, in the same tiles.
uniform usampler2DArray u_cover;
// Tables of 256 entries a row.
uniform usampler2D u_modality;
uniform usampler2D u_voi;

// Columns and rows; binary logarithm of a tile's side; tiles beside each other.
uniform ivec2 u_size;
uniform int u_shift;
uniform int u_tiles;
// The film's first pixel of the screen, left and top, as pixels of the window are counted: from below.
uniform ivec2 u_corner;
uniform bool u_sideways;
// Image coordinates of that pixel's centre, and from one to the next: parts that stay exact in single precision.
uniform ivec2 u_first;
uniform vec2 u_first_part;
uniform vec2 u_step;
uniform vec2 u_step_rest;

// Each stored value has a grey of its own; of a film of more values than greys can be told apart it has not.
uniform bool u_whole;
// Input of the modality table's first entry, less the smallest stored value, and entries; 0 without a table.
uniform int u_modality_first;
uniform int u_modality_entries;
// LINEAR or LINEAR_EXACT, SIGMOID, the threshold that a window without width is, a table.
uniform int u_function;
// Modality value, or stored value less the smallest, to what the function takes.
uniform float u_scale;
uniform float u_offset;
// Entries of the VOI table, and its greatest output.
uniform int u_voi_entries;
uniform float u_voi_top;
uniform bool u_invert;
// Something covers the film; graphics are shown; grey of what is hidden.
uniform bool u_covered;
uniform bool u_graphics;
uniform float u_shutter;

out vec4 f_color;

// To the nearest, halves away from zero.
float nearest(float value) {
    return sign(value) * floor(abs(value) + 0.5);
}

float entry(usampler2D table, int index) {
    return float(texelFetch(table, ivec2(index & 255, index >> 8), 0).r);
}

// How much of the image's pixel so far from `center` belongs to the screen's.
vec2 tent(ivec2 pixel, ivec2 base, vec2 part, vec2 reach) {
    return max(vec2(0.0), 1.0 - abs(vec2(pixel - base) - part) / reach);
}

float share(float stored) {
    float value = u_whole ? floor(stored + 0.5) : stored;
    if (u_modality_entries > 0) {
        value = entry(u_modality, clamp(int(value) - u_modality_first, 0, u_modality_entries - 1));
    }
    float x = u_scale * value + u_offset;
    if (u_function == 3) {
        float index = clamp(nearest(x), 0.0, float(u_voi_entries - 1));
        return min(entry(u_voi, int(index)) / u_voi_top, 1.0);
    }
    if (u_function == 2) {
        return x > 0.0 ? 1.0 : 0.0;
    }
    if (u_function == 1) {
        return 1.0 / (1.0 + exp(clamp(-4.0 * x, -80.0, 80.0)));
    }
    return clamp(x + 0.5, 0.0, 1.0);
}

void main() {
    ivec2 at = ivec2(gl_FragCoord.xy);
    vec2 place = vec2(at.x - u_corner.x, u_corner.y - at.y);
    place = u_sideways ? place.yx : place;

    // A few bits times a few bits: exact, so that far from the first pixel the place is as good as beside it.
    vec2 coarse = place * u_step;
    vec2 whole = floor(coarse);
    vec2 part = (coarse - whole) + place * u_step_rest + u_first_part;
    vec2 carry = floor(part);
    ivec2 base = u_first + ivec2(whole + carry);
    part -= carry;

    // Beyond the outermost centres lies the other half of the edge pixels.
    ivec2 last = u_size - 1;
    bvec2 outside = bvec2(base.x < 0 || base.x >= last.x, base.y < 0 || base.y >= last.y);
    part = vec2(outside.x ? 0.0 : part.x, outside.y ? 0.0 : part.y);
    base = clamp(base, ivec2(0), last);

    vec2 reach = max(abs(u_step + u_step_rest), vec2(1.0));
    ivec2 low = max(base + ivec2(floor(part - reach)) + 1, ivec2(0));
    ivec2 high = min(base + ivec2(ceil(part + reach)) - 1, last);
    int mask = (1 << u_shift) - 1;

    float stored = 0.0;
    vec2 cover = vec2(0.0);
    float weights = 0.0;
    for (int y = low.y; y <= high.y; y++) {
        for (int x = low.x; x <= high.x; x++) {
            vec2 of_axes = tent(ivec2(x, y), base, part, reach);
            float weight = of_axes.x * of_axes.y;
            ivec3 texel = ivec3(x & mask, y & mask, (y >> u_shift) * u_tiles + (x >> u_shift));
            stored += weight * float(texelFetch(u_stored, texel, 0).r);
            if (u_covered) {
                cover += weight * vec2(texelFetch(u_cover, texel, 0).rg);
            }
            weights += weight;
        }
    }
    float grey = share(stored / weights);
    grey = floor((u_invert ? 1.0 - grey : grey) * 255.0 + 0.5);
    if (u_covered) {
        cover /= 255.0 * weights;
        grey = floor(mix(grey, u_shutter, min(cover.g, 1.0)) + 0.5);
        // Thin graphics are still seen where a large film is shown small.
        float ink = u_graphics ? min(3.0 * cover.r, 1.0) : 0.0;
        grey = floor(mix(grey, 255.0, ink) + 0.5);
    }
    f_color = vec4(vec3(grey / 255.0), 1.0);
}
