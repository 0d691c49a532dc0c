//! Datasets, augmentation, losses, checkpoints and the training loop.
