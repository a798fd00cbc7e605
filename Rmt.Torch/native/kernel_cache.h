// Compiled kernels between two processes: files in the user's cache folder. A file that cannot be read is as good as none.
#pragma once
#include <string>

namespace rmt {

// $XDG_CACHE_HOME/rmt-adapter/kernels, or below ~/.cache; empty where neither is known.
std::string kernel_cache_folder();

// The file of everything that a kernel's code depends on, whatever it is: its name is a hash of that.
std::string kernel_cache_file(const std::string& key);

// What was kept under the key; empty where there is nothing, or nothing whole.
std::string read_kernel(const std::string& key);

// Written beside and renamed, so that nobody reads half of it. Where it cannot be kept it is compiled again the next time, and nothing is said.
void keep_kernel(const std::string& key, const std::string& code);

}   // namespace rmt
