import { QueryClient } from '@tanstack/react-query';
import { createTRPCClient, httpBatchLink, httpSubscriptionLink, splitLink } from '@trpc/client';
import { createTRPCOptionsProxy } from '@trpc/tanstack-react-query';
import superjson from 'superjson';
import type { ImageRef } from '../../nodes/ports.ts';
import type { AppRouter } from '../../server/api/router.ts';

const url = '/api/trpc';

/** What the server told, shared by all components. */
export const queryClient = new QueryClient({
  defaultOptions: { queries: { staleTime: 30_000, retry: 1, refetchOnWindowFocus: false } },
});

/** The server, typed. */
export const client = createTRPCClient<AppRouter>({
  links: [
    splitLink({
      condition: (operation) => operation.type === 'subscription',
      true: httpSubscriptionLink({ url, transformer: superjson }),
      false: httpBatchLink({ url, transformer: superjson }),
    }),
  ],
});

/** Queries and mutations as TanStack Query wants them. */
export const api = createTRPCOptionsProxy<AppRouter>({ client, queryClient });

/** Where a stored image is, scaled down to a width in px where one is given. */
export const imageUrl = (digest: string, width?: number): string =>
  width === undefined ? `/images/${digest}` : `/images/${digest}?width=${width}`;

/** Where the preview of a step is; it is gone soon after its run. */
export const previewUrl = (digest: string): string => `/previews/${digest}`;

/** Thrown when the server refuses a file, with its sentence. */
export class UploadError extends Error {
  override readonly name = 'UploadError';
}

/** Stores a picture and gives back its address. Rejects with UploadError in the server's words. */
export async function upload(file: Blob, signal?: AbortSignal): Promise<ImageRef> {
  const response = await fetch('/uploads', { method: 'POST', body: file, ...(signal && { signal }) });
  if (!response.ok) throw new UploadError(await response.text());
  return response.json();
}
