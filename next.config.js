/** @type {import('next').NextConfig} */
export default {
  poweredByHeader: false,
  // Native and WASM packages are loaded by Node itself, never bundled.
  serverExternalPackages: ['onnxruntime-node', 'sharp', '@electric-sql/pglite', 'pg', 'pg-boss'],
  // `npm test` runs tsc and Biome; a person who starts Aria does not wait for them.
  typescript: { ignoreBuildErrors: true },
  devIndicators: false,
};
