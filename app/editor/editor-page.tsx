'use client';

import { ReactFlowProvider } from '@xyflow/react';
import { useSyncExternalStore } from 'react';
import { Editor } from './editor.tsx';

const nothing = () => () => undefined;

/** The editor, from the moment the browser has taken over: what is open is known only there. */
export function EditorPage() {
  const inBrowser = useSyncExternalStore(
    nothing,
    () => true,
    () => false,
  );
  if (!inBrowser) return <div className="h-dvh bg-canvas" />;
  return (
    <ReactFlowProvider>
      <Editor />
    </ReactFlowProvider>
  );
}
