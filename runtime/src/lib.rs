//! Compiled chains and a customer store in, effects out.
