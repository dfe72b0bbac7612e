import { describe, expect, test } from 'vitest';
import { scheduleNames } from '../../../models/contracts.ts';
import { symmetricBetaQuantile } from '../../../models/diffusion/beta-quantile.ts';
import { NoiseSchedule } from '../../../models/diffusion/noise-schedule.ts';
import { sigmasFor } from '../../../models/diffusion/schedules.ts';
import { sd1Training } from '../../parity/schedules.ts';

const noise = new NoiseSchedule(sd1Training);

// Agreement with ComfyUI's levels is checked in tests/parity.
describe.each(scheduleNames)('%s', (schedule) => {
  test.each([1, 2, 3, 20, 150])('falls from noise to 0 in about %d steps', (steps) => {
    for (const denoise of [1, 0.5, 0.01]) {
      const sigmas = sigmasFor({ schedule, noise, steps, denoise, discardsPenultimate: false });
      const falls = sigmas.every((sigma, index) => index === 0 || sigma < (sigmas[index - 1] ?? 0));
      expect(falls, `${schedule} ${steps} ${denoise}: ${[...sigmas]}`).toBe(true);
      expect(sigmas.at(-1)).toBe(0);
      // ddim_uniform rounds its stride down, so it may take some steps more than asked for.
      expect(sigmas.length).toBeLessThanOrEqual(Math.max(steps * 1.2, steps + 1) + 1);
    }
  });
});

test('denoise keeps the number of steps and begins further down', () => {
  const sigmas = (denoise: number) =>
    sigmasFor({ schedule: 'karras', noise, steps: 10, denoise, discardsPenultimate: false });
  expect(sigmas(0.5)).toHaveLength(11);
  expect(sigmas(0.5)[0]).toBeLessThan(sigmas(1)[0] ?? 0);
  expect(sigmas(0.5)).toEqual(
    sigmasFor({ schedule: 'karras', noise, steps: 20, denoise: 1, discardsPenultimate: false }).slice(-11),
  );
});

test.each([
  { steps: 0, denoise: 1 },
  { steps: 2.5, denoise: 1 },
  { steps: 4, denoise: 0 },
  { steps: 4, denoise: 1.5 },
  { steps: 4, denoise: Number.NaN },
])('$steps steps with denoise $denoise are refused', ({ steps, denoise }) => {
  expect(() => sigmasFor({ schedule: 'karras', noise, steps, denoise, discardsPenultimate: false })).toThrow(
    RangeError,
  );
});

test('the timestep of a training level is its own, and the nearest for levels between and beyond', () => {
  expect(Array.from(noise.sigmas, (sigma) => noise.timestepOf(sigma))).toEqual(Array.from(noise.sigmas.keys()));
  expect([0, 1e-9, 1e9].map((sigma) => noise.timestepOf(sigma))).toEqual([0, 0, 999]);
  expect(noise.timestepOf(noise.sigmaAt(499.4))).toBe(499);
});

test('training without noise at the end differs from training with it', () => {
  const zero = new NoiseSchedule({ ...sd1Training, zeroTerminalSnr: true });
  expect(zero.largest).toBeGreaterThan(4000);
  expect(zero.smallest).toBeCloseTo(noise.smallest, 6);
  const linear = new NoiseSchedule({ ...sd1Training, betaSchedule: 'linear' });
  expect(linear.largest).toBeGreaterThan(noise.largest);
});

test('the beta quantile of shape 1 is the identity, and symmetric for every shape', () => {
  for (const share of [0, 0.01, 0.3, 0.5, 0.9, 1]) {
    expect(symmetricBetaQuantile(share, 1)).toBeCloseTo(share, 12);
    expect(symmetricBetaQuantile(share, 0.6) + symmetricBetaQuantile(1 - share, 0.6)).toBeCloseTo(1, 12);
  }
  // The arc sine distribution, which has a closed form: sin²(π·p/2).
  expect(symmetricBetaQuantile(0.2, 0.5)).toBeCloseTo(Math.sin(0.1 * Math.PI) ** 2, 12);
});
