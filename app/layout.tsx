import type { Metadata, Viewport } from 'next';
import type { ReactNode } from 'react';
import './globals.css';
import { Providers } from './providers.tsx';

/** What the browser's tab says before a graph is open. */
export const metadata: Metadata = {
  title: 'Aria',
  description: 'A visual node-graph editor for AI image generation.',
};

/** Zooming by the browser stays possible: people need it. */
export const viewport: Viewport = { width: 'device-width', initialScale: 1, viewportFit: 'cover' };

/** The frame of every page. */
export default function RootLayout({ children }: { children: ReactNode }) {
  return (
    <html lang="en" suppressHydrationWarning>
      <body>
        <Providers>{children}</Providers>
      </body>
    </html>
  );
}
