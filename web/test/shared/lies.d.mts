export declare const honest: Uint8Array;
export declare const honestV14: Uint8Array;
export declare const lies: Readonly<Record<string, Uint8Array>>;
