/**
 * The quantile of the symmetric beta distribution: the x below which lies a share `probability` of Beta(shape, shape).
 * Accurate to about 1e-14, which rounding to one of 1,000 timesteps needs (scipy.stats.beta.ppf).
 */
export function symmetricBetaQuantile(probability: number, shape: number): number {
  if (probability === 0.5) return 0.5;
  if (probability > 0.5) return 1 - symmetricBetaQuantile(1 - probability, shape);
  const target = probability * 2 * incompleteBeta(0.5, shape);
  let [low, high] = [0, 0.5];
  for (let round = 0; round < 60; round++) {
    const middle = (low + high) / 2;
    if (incompleteBeta(middle, shape) < target) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** ∫₀ˣ (t(1−t))^(a−1) dt as a power series (Abramowitz and Stegun, 26.5.4 with 15.1.1); for x up to ½, where it converges fast. */
function incompleteBeta(x: number, a: number): number {
  let term = 1;
  let total = 1 / a;
  for (let index = 1; index < 80; index++) {
    term *= ((index - a) / index) * x;
    total += term / (a + index);
  }
  return x ** a * total;
}
