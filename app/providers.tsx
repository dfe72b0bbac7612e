'use client';

import { QueryClientProvider } from '@tanstack/react-query';
import { ThemeProvider } from 'next-themes';
import { Tooltip } from 'radix-ui';
import type { ReactNode } from 'react';
import { Toaster } from 'sonner';
import { queryClient } from './editor/api.ts';

/** Theme, server data, tooltips and toasts for everything below. */
export function Providers({ children }: { children: ReactNode }) {
  return (
    <ThemeProvider attribute="class" defaultTheme="dark" enableSystem disableTransitionOnChange>
      <QueryClientProvider client={queryClient}>
        <Tooltip.Provider delayDuration={500} skipDelayDuration={200}>
          {children}
        </Tooltip.Provider>
        <Toaster
          position="bottom-center"
          offset={{ bottom: 132 }}
          mobileOffset={{ bottom: 120 }}
          toastOptions={{
            className: '!bg-raised !text-ink !border-line-strong !shadow-float !text-[13px]',
            duration: 6000,
          }}
        />
      </QueryClientProvider>
    </ThemeProvider>
  );
}
