"""The door to files: /releases/{name}/… for good, /datasets/{code}/data.… of the release in force."""
