//! Text of chain files in, a syntax tree out.
