# Sourced by mvnw and decentral. Finds a JDK of at least the given version, or says what to install.

# Prints the major version of the JDK in $1, or nothing. Reads its release file: starting each java takes a while.
jdk_major() {
  [ -x "$1/bin/java" ] || return 1
  local version
  version=$(sed -n 's/^JAVA_VERSION="\{0,1\}\([0-9]*\).*/\1/p' "$1/release" 2>/dev/null)
  if [ -z "$version" ]; then
    version=$("$1/bin/java" -version 2>&1 | sed -n '1s/.*version "\{0,1\}\([0-9]*\).*/\1/p')
  fi
  [ -n "$version" ] && echo "$version"
}

# find_jdk MAJOR [jdk]: sets and exports JAVA_HOME. With "jdk" a compiler must be there, otherwise java is enough.
find_jdk() {
  local wanted=$1 need=${2:-java} home version seen="" on_path=""
  if command -v java >/dev/null 2>&1; then
    on_path=$(command -v java)
    while [ -L "$on_path" ]; do
      home=$(readlink "$on_path")
      case $home in /*) on_path=$home ;; *) on_path=$(dirname "$on_path")/$home ;; esac
    done
    on_path=$(cd "$(dirname "$on_path")/.." && pwd -P)
  fi
  for home in "${JAVA_HOME:-}" "$on_path" \
    /usr/lib/jvm/* "${HOME:-/nonexistent}"/.sdkman/candidates/java/* "${HOME:-/nonexistent}"/.jdks/* \
    /Library/Java/JavaVirtualMachines/*/Contents/Home /opt/*jdk* /opt/java/*; do
    [ -n "$home" ] || continue
    version=$(jdk_major "$home") || continue
    if [ "$version" -ge "$wanted" ] && { [ "$need" = java ] || [ -x "$home/bin/javac" ]; }; then
      export JAVA_HOME="$home"
      return 0
    fi
    case $seen in *" $version in $home"*) ;; *) seen="$seen $version in $home;" ;; esac
  done
  {
    echo "Decentral needs JDK $wanted or later."
    if [ -n "$seen" ]; then echo "Found only:$seen" | sed 's/;$//'; fi
    echo "Install one and set JAVA_HOME to it, or put it in /usr/lib/jvm. For example:"
    echo "  Debian 13, Ubuntu: apt-get install openjdk-$wanted-jdk"
    echo "  Fedora:            dnf install java-$wanted-openjdk-devel"
    echo "  macOS:             brew install openjdk@$wanted"
    echo "  SDKMAN:            sdk install java $wanted-tem"
  } >&2
  return 1
}
