/** Sabour et al. 2024 (Align Your Steps), the ten steps optimised for Stable Diffusion 1.5 (comfy_extras/nodes_align_your_steps.py). */
const optimised = [
  14.6146412293, 6.4745760956, 3.8636745985, 2.694615152, 1.8841921177, 1.3943805092, 0.9642583904, 0.6523686016,
  0.3977456272, 0.1515232662, 0.0291671582,
];

/** `steps` + 1 levels, the last of which is 0; for other than ten steps interpolated between the optimised ones in ln σ. */
export function alignYourSteps(steps: number): number[] {
  const last = optimised.length - 1;
  const levels = Array.from({ length: steps + 1 }, (_, index) => {
    // Counted from the clean end, as the original interpolates.
    const position = last - ((steps - index) / steps) * last;
    const [before, after] = [Math.floor(position), Math.ceil(position)];
    const share = position - before;
    return Math.exp((1 - share) * Math.log(optimised[before] ?? 1) + share * Math.log(optimised[after] ?? 1));
  });
  return [...levels.slice(0, -1), 0];
}
