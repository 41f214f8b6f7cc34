"""What requirements/train.txt brings, by the names that are imported."""

TRAINING = {"torch", "transformers", "peft", "accelerate", "safetensors"}
