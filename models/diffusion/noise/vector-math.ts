// The float32 polynomials of avx_mathfun (Giovanni Garberoglio, zlib licence, after cephes), contracted to fused
// multiply-adds the way the compiler of torch's AVX2 and AVX-512 builds contracts them. Math.log and Math.cos would
// differ in the last bits of 39 % of the noise.
const round = Math.fround;

/** A product of two float32 values is exact in double precision, so one rounding at the end makes this a fused step. */
const fused = (a: number, b: number, c: number) => round(a * b + c);

const bits = new DataView(new ArrayBuffer(4));

const [l0, l1, l2, l3, l4, l5, l6, l7, l8] = [
  round(7.0376836292e-2),
  round(-1.151461031e-1),
  round(1.167699874e-1),
  round(-1.2420140846e-1),
  round(1.4249322787e-1),
  round(-1.6668057665e-1),
  round(2.0000714765e-1),
  round(-2.4999993993e-1),
  round(3.3333331174e-1),
];
const logLow = round(-2.1219444e-4);
const logHigh = round(0.693359375);
const squareRootOfHalf = round(Math.SQRT1_2);

/** The natural logarithm of a positive, normal float32 value. */
export function logarithm(value: number): number {
  bits.setFloat32(0, value);
  const pattern = bits.getInt32(0);
  bits.setInt32(0, (pattern & ~0x7f800000) | 0x3f000000);
  const mantissa = bits.getFloat32(0);
  const low = mantissa < squareRootOfHalf;
  const exponent = (pattern >>> 23) - 0x7f + (low ? 0 : 1);
  const x = low ? round(round(mantissa - 1) + mantissa) : round(mantissa - 1);
  const square = round(x * x);
  let y = fused(l0, x, l1);
  y = fused(y, x, l2);
  y = fused(y, x, l3);
  y = fused(y, x, l4);
  y = fused(y, x, l5);
  y = fused(y, x, l6);
  y = fused(y, x, l7);
  y = round(fused(y, x, l8) * x);
  // This order, and not fused(exponent, logLow, y·square), which is wrong once in some 6,000 values.
  y = fused(y, square, round(exponent * logLow));
  y = round(y - square * 0.5);
  return fused(exponent, logHigh, round(x + y));
}

const fourOverPi = round(1.27323954473516);
const [p0, p1, p2] = [-0.78515625, round(-2.4187564849853516e-4), round(-3.774894977445941e-8)];
const [s0, s1, s2] = [round(-1.9515295891e-4), round(8.3321608736e-3), round(-1.6666654611e-1)];
const [c0, c1, c2] = [round(2.443315711809948e-5), round(-1.388731625493765e-3), round(4.166664568298827e-2)];

/** Writes the sine and the cosine of a float32 angle that is not negative into `target`, in this order. */
export function sineAndCosine(angle: number, target: Float32Array): void {
  const octant = (Math.trunc(round(angle * fourOverPi)) + 1) & ~1;
  const x = fused(octant, p2, fused(octant, p1, fused(octant, p0, angle)));
  const square = round(x * x);
  const cosine = round(
    fused(round(fused(fused(c0, square, c1), square, c2) * square), square, -round(square * 0.5)) + 1,
  );
  const sine = fused(round(fused(fused(s0, square, s1), square, s2) * square), x, x);
  const straight = (octant & 2) === 0;
  target[0] = ((octant & 4) === 0 ? 1 : -1) * (straight ? sine : cosine);
  target[1] = ((octant - 2) & 4 ? 1 : -1) * (straight ? cosine : sine);
}
