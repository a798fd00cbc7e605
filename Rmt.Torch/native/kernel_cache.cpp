// Compiled kernels in files: a mark, a hash of the code, the code.
#include "kernel_cache.h"
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <sys/stat.h>
#include <unistd.h>

namespace {

const std::string mark = "rmt kernel 1\n";

// FNV-1a
uint64_t hash(const std::string& bytes, uint64_t value = 14695981039346656037u) {
    for (unsigned char byte : bytes) value = (value ^ byte) * 1099511628211u;
    return value;
}

std::string text(uint64_t value) {
    char digits[17];
    std::snprintf(digits, sizeof digits, "%016llx", static_cast<unsigned long long>(value));
    return digits;
}

void make_folder(const std::string& path) {
    for (size_t end = path.find('/', 1); ; end = path.find('/', end + 1)) {
        mkdir(path.substr(0, end).c_str(), 0700);
        if (end == std::string::npos) return;
    }
}

}   // namespace

std::string rmt::kernel_cache_folder() {
    const char* cache = std::getenv("XDG_CACHE_HOME");
    const char* home = std::getenv("HOME");
    // The specification: what is not absolute is to be ignored.
    if (cache && cache[0] == '/') return std::string(cache) + "/rmt-adapter/kernels";
    return home && home[0] == '/' ? std::string(home) + "/.cache/rmt-adapter/kernels" : "";
}

std::string rmt::kernel_cache_file(const std::string& key) {
    const auto folder = kernel_cache_folder();
    return folder.empty() ? "" : folder + "/" + text(hash(key)) + text(hash(key, 88172645463325252u)) + ".cubin";
}

std::string rmt::read_kernel(const std::string& key) {
    std::ifstream file(kernel_cache_file(key), std::ios::binary);
    const std::string all((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    if (all.size() <= mark.size() + 16 || all.compare(0, mark.size(), mark) != 0) return "";
    auto code = all.substr(mark.size() + 16);
    return text(hash(code)) == all.substr(mark.size(), 16) ? code : "";
}

void rmt::keep_kernel(const std::string& key, const std::string& code) {
    const auto folder = kernel_cache_folder();
    if (folder.empty()) return;
    make_folder(folder);
    auto temporary = folder + "/new-XXXXXX";
    const int file = mkstemp(&temporary[0]);
    if (file < 0) return;
    const auto all = mark + text(hash(code)) + code;
    size_t written = 0;
    while (written < all.size()) {
        const auto now = write(file, all.data() + written, all.size() - written);
        if (now < 0 && errno == EINTR) continue;
        if (now <= 0) break;
        written += static_cast<size_t>(now);
    }
    const bool whole = close(file) == 0 && written == all.size();
    if (!whole || std::rename(temporary.c_str(), kernel_cache_file(key).c_str()) != 0) unlink(temporary.c_str());
}
