//! The loss as a whole against finite differences, and a few films learnt by heart.
