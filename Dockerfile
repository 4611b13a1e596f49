# The laboratory in a browser: docker build -t transition-sim . && docker run --rm -p 127.0.0.1:8765:8765 transition-sim
FROM python:3.12-slim

# figures in Chinese need a font that has its characters
RUN apt-get update && apt-get install --yes --no-install-recommends fonts-wqy-zenhei && rm -rf /var/lib/apt/lists/*

WORKDIR /srv
COPY pyproject.toml constraints.txt README.md LICENSE ./
COPY transition_sim transition_sim
RUN pip install --no-cache-dir -c constraints.txt . \
    && useradd --create-home visitor

USER visitor
WORKDIR /home/visitor
# rules are compiled while the image is made, so that the first visitor does not wait for it
RUN transition-sim run minimal --quiet
EXPOSE 8765
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8765/healthz', timeout=4)"]
CMD ["transition-sim", "ui", "--host", "0.0.0.0", "--port", "8765", "--no-browser"]
