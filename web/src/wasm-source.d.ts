/** The module with SIMD, compressed by gzip, in base 64: written by the build. */
export declare const simd: string;
/** That of registrations, in the same way. */
export declare const registration: string;
